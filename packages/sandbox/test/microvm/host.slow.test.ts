import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SandboxSession } from "@symbiont/sandbox";
import { expect, test, vi } from "vitest";
import { MACHINES_ONLY, tiers } from "../tiers.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
vi.stubEnv(MACHINES_ONLY, "1");
const [machine] = await tiers();
const why = machine?.why ?? "";

test.skipIf(why !== "")(
  `no machine is left when the host is killed in the middle of a run${why}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "machine-host-"));
    // Guests' users pass through it.
    chmodSync(folder, 0o711);
    vi.stubEnv("TMPDIR", folder);
    const args = ["-C", "@symbiont/source", "--import", "./scripts/ts.mjs"];
    const host = spawn(
      process.execPath,
      [...args, "packages/sandbox/test/fixtures/children/host.ts", "1000"],
      {
        cwd: root,
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const said = once(createInterface({ input: host.stdout }), "line");
    const [names] = (await Promise.race([said, once(host, "exit").then(() => ["none"])])) as [string];
    expect(names).toBe('["qemu"]');
    const machines = machinesOf(host.pid as number);
    expect(machines.length).toBeGreaterThan(0);

    host.kill("SIGKILL");
    await once(host, "exit");
    for (let tries = 0; tries < 100 && machines.some(isRunning); tries += 1) await sleep(100);
    expect(machines.filter(isRunning)).toEqual([]);

    // The next run of anybody clears away what the dead host has left.
    const session = await SandboxSession.open({ tier: (machine as NonNullable<typeof machine>).tier });
    expect((await session.exec(["/bin/sh", "-c", "true"])).status).toBe("exited");
    await session.close();
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
    vi.unstubAllEnvs();
  },
  300_000,
);

/** QEMUs that a process has started. */
function machinesOf(host: number): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    const status = /^\d+$/.test(pid) ? statusOf(pid) : "";
    return new RegExp(`^PPid:\\s+${host}$`, "m").test(status) && /^Name:\s+qemu/m.test(status);
  });
}

function isRunning(pid: string): boolean {
  const status = statusOf(pid);
  return /^Name:\s+qemu/m.test(status) && !/^State:\s+[ZX]/m.test(status);
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "latin1");
  } catch {
    return "";
  }
}
