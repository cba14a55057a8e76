import {
  dockerTier,
  gvisorTier,
  namespaceTier,
  nativeTier,
  qemuTier,
  type Tier,
  type UidRange,
} from "@symbiont/sandbox";
import { testEngine } from "./engine/engine.ts";
import { microvmImage } from "./microvm/image.ts";

/** Programs of this machine that the attacks are written for. */
export const PROGRAMS = ["/bin/sh", "/usr/bin/python3"];

export interface TriedTier {
  readonly name: string;
  readonly tier: Tier;
  /** Part of a test title that says why it does not run; empty when it does. */
  readonly why: string;
}

/** Set where the machines are tried, which takes minutes without a processor that runs guests, and nothing else. */
export const MACHINES_ONLY = "SANDBOX_TEST_MACHINES";

/** Every tier that is wanted, default all, with the reason where it does not work here. */
export async function tiers(
  uidRange?: UidRange,
  isWanted: (name: string) => boolean = () => true,
): Promise<readonly TriedTier[]> {
  const range = uidRange === undefined ? {} : { uidRange };
  if (process.env[MACHINES_ONLY] !== undefined) return machines(range);
  const engine = await testEngine();
  const nowhere = { image: "none", socketPath: "/nonexistent" };
  const { image, socketPath } = typeof engine === "string" ? nowhere : engine;
  const place = { image, socketPath };
  const rootfs = typeof engine === "string" ? "/nonexistent" : engine.rootfs;
  const all: readonly (readonly [string, Tier])[] = [
    ["native", nativeTier({ acknowledgeNoIsolation: true, allowedExecutables: PROGRAMS, ...range })],
    ["namespace", namespaceTier(range)],
    ["namespace, kept warm", namespaceTier({ ...range, warm: 2 })],
    ["docker", dockerTier({ ...place, ...range })],
    ["docker, kept warm", dockerTier({ ...place, ...range, warm: 2 })],
    ["gvisor", gvisorTier({ rootfs, ...range })],
    ["gvisor, kept warm", gvisorTier({ rootfs, ...range, warm: 2 })],
    ["gvisor by docker", gvisorTier({ ...place, ...range, networkRuntime: "runsc-network" })],
  ];
  return Promise.all(
    all
      .filter(([name]) => isWanted(name))
      .map(async ([name, tier]) => {
        if (typeof engine === "string" && !/^n/.test(name)) return { name, tier, why: skipped([engine]) };
        const { available, problems } = await tier.probe();
        return { name, tier, why: available ? "" : skipped(problems) };
      }),
  );
}

async function machines(range: { uidRange?: UidRange }): Promise<readonly TriedTier[]> {
  const image = microvmImage();
  const tier = qemuTier({ kernelPath: "/nonexistent", initrdPath: "/nonexistent", ...image, ...range });
  const { available, problems } = await tier.probe();
  return [{ name: "qemu", tier, why: available ? "" : skipped(problems) }];
}

function skipped(problems: readonly string[]): string {
  return ` (skipped: ${problems.join("; ")})`;
}
