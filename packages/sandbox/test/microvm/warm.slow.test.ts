import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { qemuTier, Sandbox, SandboxSession } from "@symbiont/sandbox";
import { afterAll, expect, test } from "vitest";
import { processesOf } from "../processes-of.ts";
import { microvmImage } from "./image.ts";

const USERS = { first: 244_000, count: 20 };
const root = fileURLToPath(new URL("../../../../", import.meta.url));
const place = { kernelPath: "/nonexistent", initrdPath: "/nonexistent", ...microvmImage() };
const tier = qemuTier({ ...place, uidRange: USERS, warm: 2 });
const sandbox = new Sandbox({ tier });
const { available, problems } = await tier.probe();
const why = available ? "" : ` (skipped: ${problems.join("; ")})`;
const isRoot = process.getuid?.() === 0;
afterAll(async () => {
  await sandbox.close();
  await tier.close();
});

/** Until as many machines as are kept wait. */
async function waitForMachines(): Promise<void> {
  for (let tries = 0; tries < 300 && processesOf(USERS).length < 2; tries += 1) await sleep(100);
  await sleep(1_000);
}

test.skipIf(!available || !isRoot)(
  `a machine that was kept is used once, by a run or a session${why}`,
  async () => {
    const ids = new Set<string>();
    for (let run = 0; run < 3; run += 1) {
      await waitForMachines();
      const before = processesOf(USERS);
      const code = "ls -A /workspace /tmp | grep left; echo x >left; cat /proc/sys/kernel/random/uuid";
      const running = sandbox.exec(["/bin/sh", "-c", code]);
      const { status, stdout } = await running;
      expect([status, stdout.text()]).toEqual(["exited", expect.stringMatching(/^[0-9a-f-]{36}\n$/)]);
      ids.add(stdout.text());
      // It was one of those that were there.
      const after = processesOf(USERS);
      expect(before.filter((pid) => !after.includes(pid))).toHaveLength(1);
    }
    expect(ids.size).toBe(3);

    await waitForMachines();
    const kept = processesOf(USERS);
    const session = await SandboxSession.open({ tier });
    await session.writeFile("a", new TextEncoder().encode("x"));
    expect((await session.exec(["/bin/cat", "a"])).stdout.text()).toBe("x");
    await session.close();
    expect(kept.filter((pid) => !processesOf(USERS).includes(pid))).toHaveLength(1);
  },
);

test.skipIf(!available || !isRoot)(
  `a machine of another size is made, and one that has ended is passed over${why}`,
  async () => {
    await waitForMachines();
    const limits = { workspaceBytes: 8 * 1024 * 1024, openFiles: 77 };
    const code = "ulimit -n; df -k /workspace | tail -1 | awk '{print $2}'";
    expect((await sandbox.exec(["/bin/sh", "-c", code], { limits })).stdout.text()).toBe("77\n8192\n");
    await waitForMachines();
    for (const pid of processesOf(USERS)) process.kill(Number(pid), "SIGKILL");
    await sleep(500);
    expect(await sandbox.exec(["/bin/sh", "-c", "exit 4"], { limits })).toMatchObject({ exitCode: 4 });
  },
);

test.skipIf(!available || !isRoot)(
  `no machine is kept once the tier is closed, or its host killed${why}`,
  async () => {
    await waitForMachines();
    await tier.close();
    expect(processesOf(USERS)).toEqual([]);
    expect((await sandbox.exec(["/bin/sh", "-c", "exit 3"])).exitCode).toBe(3);
    expect(processesOf(USERS)).toEqual([]);

    const child = "packages/sandbox/test/fixtures/children/machine-host.ts";
    const args = ["-C", "@symbiont/source", "--import", "./scripts/ts.mjs", child, String(USERS.first)];
    const host = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    await once(createInterface({ input: host.stdout }), "line");
    await waitForMachines();
    expect(processesOf(USERS)).toHaveLength(2);
    host.kill("SIGKILL");
    await once(host, "exit");
    for (let tries = 0; tries < 100 && processesOf(USERS).length > 0; tries += 1) await sleep(100);
    expect(processesOf(USERS)).toEqual([]);
  },
);
