import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  gvisorTier,
  namespaceTier,
  nativeTier,
  qemuTier,
  Sandbox,
  SandboxSession,
  type Tier,
  type UidRange,
} from "@symbiont/sandbox";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { testEngine } from "./engine/engine.ts";
import { microvmImage } from "./microvm/image.ts";

/** One user for each tier: a run that kept it would be its last. */
let nextUser = 233_000;
const range = (): { uidRange: UidRange } => ({ uidRange: { first: nextUser++, count: 1 } });
const FULL = { code: "SANDBOX_CAPACITY", retryable: true };
const isRoot = process.getuid?.() === 0;
const engine = await testEngine();
const why = isRoot ? "" : " (skipped: only root can mount a small file system)";
const image = microvmImage();

let folder: string;
beforeEach(() => {
  if (!isRoot) return;
  folder = mkdtempSync(join(tmpdir(), "full-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k,nr_inodes=20,mode=1777", "none", folder]);
  vi.stubEnv("TMPDIR", folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  if (!isRoot) return;
  execFileSync("umount", ["-l", folder]);
  rmSync(folder, { recursive: true });
});

/** @returns what frees it again. */
function fill(what: "bytes" | "entries"): () => void {
  const before = readdirSync(folder);
  try {
    for (let index = 0; ; index += 1) {
      if (what === "entries") writeFileSync(join(folder, `filler-${index}`), "");
      else appendFileSync(join(folder, "filler"), new Uint8Array(1024));
    }
  } catch (error) {
    expect(error).toMatchObject({ code: "ENOSPC" });
  }
  return () => {
    const added = readdirSync(folder).filter((name) => name.startsWith("filler"));
    for (const name of added) rmSync(join(folder, name));
    expect(readdirSync(folder)).toEqual(before);
  };
}

const native = (): Tier =>
  nativeTier({ acknowledgeNoIsolation: true, allowedExecutables: ["/bin/sh"], ...range() });
const files = { "a/b": new Uint8Array(2_000) };
const network = { allow: ["a.test"] };
const command = ["/bin/sh", "-c", "true"];
const hasGvisor = typeof engine !== "string" && existsSync("/usr/bin/runsc");

const cases: readonly (readonly [string, () => Tier, (tier: Tier) => Promise<unknown>, isThere: boolean])[] =
  [
    ["a native run with files", native, async (tier) => new Sandbox({ tier, files }).exec(command), true],
    [
      "a run with a network",
      () => namespaceTier(range()),
      async (tier) => new Sandbox({ tier, network }).exec(command),
      existsSync("/usr/bin/bwrap"),
    ],
    [
      "a session",
      () => namespaceTier(range()),
      async (tier) => {
        const session = await SandboxSession.open({ tier });
        try {
          return await session.exec(command);
        } finally {
          await session.close();
        }
      },
      existsSync("/usr/bin/bwrap"),
    ],
    [
      "a run in gVisor",
      () => gvisorTier({ rootfs: typeof engine === "string" ? "/" : engine.rootfs, ...range() }),
      async (tier) => new Sandbox({ tier }).exec(command),
      hasGvisor,
    ],
  ];

describe.each(cases)("%s", (name, make, run, isThere) => {
  for (const what of ["bytes", "entries"] as const) {
    // A workspace that is mounted takes an entry, and no bytes.
    const title = `finds no room (${what}), says so, leaves nothing, and runs when there is room${why}`;
    test.skipIf(!isRoot || !isThere)(title, async () => {
      const tier = make();
      expect(await run(tier)).toMatchObject({ status: "exited", exitCode: 0 });
      const free = fill(what);
      const outcome = await run(tier).catch((error: unknown) => error as Error);
      if (what === "entries" || name !== "a session") expect(outcome).toMatchObject(FULL);
      else expect(outcome).toMatchObject({ status: "exited" });
      free();
      expect(await run(tier)).toMatchObject({ status: "exited", exitCode: 0 });
      expect(readdirSync(folder)).toEqual([]);
    });
  }
});

test.skipIf(!isRoot || image === undefined)(
  `a machine that cannot be saved for want of room says so${image === undefined ? " (skipped: no image)" : ""}`,
  async () => {
    fill("entries");
    const tier = qemuTier({ kernelPath: "", initrdPath: "", ...image, ...range() });
    await expect(new Sandbox({ tier }).exec(command)).rejects.toMatchObject(FULL);
  },
);
