import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { qemuTier, Sandbox, SandboxSession } from "@symbiont/sandbox";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { processesOf } from "../processes-of.ts";
import { microvmImage } from "./image.ts";

/** One user: a run that kept it would be the last. */
const USER = { first: 245_000, count: 1 };
const FULL = { code: "SANDBOX_CAPACITY", retryable: true };
const place = { kernelPath: "/nonexistent", initrdPath: "/nonexistent", ...microvmImage() };
const { available, problems } = await qemuTier(place).probe();
const isRoot = process.getuid?.() === 0;
const reason = isRoot ? problems.join("; ") : "only root can mount a small file system";
const why = available && isRoot ? "" : ` (skipped: ${reason})`;

let folder: string;
let roomy: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "full-disk-"));
  roomy = mkdtempSync(join(tmpdir(), "roomy-"));
  chmodSync(roomy, 0o711);
});
afterEach(() => {
  vi.unstubAllEnvs();
  execFileSync("umount", ["-l", folder]);
  for (const path of [folder, roomy]) rmSync(path, { recursive: true });
});

/** The folder for temporary files, with so much room. */
function mountAt(options: string): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", `${options},mode=1777`, "none", folder]);
  vi.stubEnv("TMPDIR", folder);
}

test.skipIf(why !== "").each([
  ["nothing", "size=4k,nr_inodes=1"],
  ["the socket that the state comes by", "size=64k,nr_inodes=3"],
  ["the beginning of the state", "size=1m,nr_inodes=20"],
  ["much of the state", "size=40m,nr_inodes=20"],
])(
  `a machine that cannot be saved with room for %s says so, leaves nothing, and runs when there is room${why}`,
  async (_, options) => {
    mountAt(options);
    const tier = qemuTier({ ...place, uidRange: USER });
    const sandbox = new Sandbox({ tier });
    for (let round = 0; round < 2; round += 1)
      await expect(sandbox.exec(["/bin/true"])).rejects.toMatchObject(FULL);
    await expect(SandboxSession.open({ tier })).rejects.toMatchObject(FULL);
    expect(readdirSync(folder)).toEqual([]);
    expect(processesOf(USER)).toEqual([]);
    vi.stubEnv("TMPDIR", roomy);
    expect(await sandbox.exec(["/bin/sh", "-c", "exit 5"])).toMatchObject({ status: "exited", exitCode: 5 });
    expect(readdirSync(roomy)).toEqual([]);
  },
);

test.skipIf(why !== "")(
  `a machine that is not saved needs no room on the host, and is bounded inside${why}`,
  async () => {
    mountAt("size=4k,nr_inodes=1");
    const sandbox = new Sandbox({ tier: qemuTier({ ...place, uidRange: USER, saveMachines: false }) });
    const code =
      "head -c 99999999 /dev/zero >a 2>e; head -c 99999999 /dev/zero >/tmp/b 2>>e; grep -c 'No space' e; echo x >>e || echo full";
    const { status, stdout } = await sandbox.exec(["/bin/sh", "-c", code], {
      limits: { fileBytes: 200_000_000 },
    });
    expect([status, stdout.text().split("\n").at(-2)]).toEqual(["exited", "full"]);
  },
);
