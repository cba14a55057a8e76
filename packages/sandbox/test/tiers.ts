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
  /** Whom its guests are, and no other tier's, where that was asked for. */
  readonly users?: UidRange;
}

type RangeOption = { readonly uidRange?: UidRange };

/** Set where the machines are tried, which takes minutes without a processor that runs guests, and nothing else. */
export const MACHINES_ONLY = "SANDBOX_TEST_MACHINES";

/**
 * Every tier that is wanted, default all, with the reason where it does not work here.
 * @param users each tier has a part of them, so that what one keeps is not taken for what another has left.
 */
export async function tiers(
  users?: UidRange,
  isWanted: (name: string) => boolean = () => true,
): Promise<readonly TriedTier[]> {
  if (process.env[MACHINES_ONLY] !== undefined)
    return machines(users === undefined ? {} : { uidRange: users });
  const engine = await testEngine();
  const nowhere = { image: "none", socketPath: "/nonexistent", rootfs: "/nonexistent" };
  const { image, socketPath, rootfs } = typeof engine === "string" ? nowhere : engine;
  const place = { image, socketPath };
  const native = { acknowledgeNoIsolation: true, allowedExecutables: PROGRAMS } as const;
  const networkRuntime = "runsc-network";
  const makers: readonly (readonly [string, (range: RangeOption) => Tier])[] = [
    ["native", (range) => nativeTier({ ...native, ...range })],
    ["namespace", (range) => namespaceTier(range)],
    ["namespace, kept warm", (range) => namespaceTier({ ...range, warm: 2 })],
    ["docker", (range) => dockerTier({ ...place, ...range })],
    ["docker, kept warm", (range) => dockerTier({ ...place, ...range, warm: 2 })],
    ["gvisor", (range) => gvisorTier({ rootfs, ...range })],
    ["gvisor, kept warm", (range) => gvisorTier({ rootfs, ...range, warm: 2 })],
    ["gvisor by docker", (range) => gvisorTier({ ...place, ...range, networkRuntime })],
  ];
  const tried = makers.map(async ([name, make], index): Promise<readonly TriedTier[]> => {
    if (!isWanted(name)) return [];
    const range = partOf(users, index, makers.length);
    const tier = make(range);
    const given = range.uidRange === undefined ? {} : { users: range.uidRange };
    const needsEngine = tier.name === "docker" || tier.name === "gvisor";
    if (typeof engine === "string" && needsEngine) return [{ name, tier, why: skipped([engine]), ...given }];
    const { available, problems } = await tier.probe();
    return [{ name, tier, why: available ? "" : skipped(problems), ...given }];
  });
  return (await Promise.all(tried)).flat();
}

function partOf(users: UidRange | undefined, index: number, parts: number): RangeOption {
  if (users === undefined) return {};
  const count = Math.floor(users.count / parts);
  return { uidRange: { first: users.first + index * count, count } };
}

async function machines(range: RangeOption): Promise<readonly TriedTier[]> {
  const image = microvmImage();
  const tier = qemuTier({ kernelPath: "/nonexistent", initrdPath: "/nonexistent", ...image, ...range });
  const { available, problems } = await tier.probe();
  return [{ name: "qemu", tier, why: available ? "" : skipped(problems) }];
}

function skipped(problems: readonly string[]): string {
  return ` (skipped: ${problems.join("; ")})`;
}
