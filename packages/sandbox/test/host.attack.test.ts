import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SandboxSession, type WarmTier } from "@symbiont/sandbox";
import { expect, test } from "vitest";
import { testEngine } from "./engine/engine.ts";
import { tiers } from "./tiers.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const child = (name: string): string[] => [
  "-C",
  "@symbiont/source",
  "--import",
  "./scripts/ts.mjs",
  `packages/sandbox/test/fixtures/children/${name}.ts`,
];
const NOBODY = 65_534;
const ROUNDS = 8;

test("nothing of a run is left when the host is killed in the middle of it", async () => {
  // The child is to use the same engine, not one of its own.
  await testEngine();
  const seconds = String(100_000 + process.pid);
  const host = spawn(process.execPath, [...child("host"), seconds], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [names] = (await once(createInterface({ input: host.stdout }), "line")) as [string];
  expect((JSON.parse(names) as string[]).length).toBeGreaterThan(0);
  expect(processesWith(seconds)).toBeGreaterThan(0);
  host.kill("SIGKILL");
  const tried = JSON.parse(names) as string[];
  // Of an ordinary user's native run only the first process is sure to end with the host.
  const most = process.getuid?.() === 0 || !tried.includes("native") ? 0 : 2;
  // Containers are the engine's, and stay until somebody comes who knows that their host is gone.
  const inEngine = 2 * tried.filter((name) => name.startsWith("docker")).length;
  for (let tries = 0; tries < 40 && processesWith(seconds) > most + inEngine; tries += 1) await sleep(100);
  expect(processesWith(seconds)).toBeLessThanOrEqual(most + inEngine);

  // The next run of anybody clears away what the dead host has left.
  const left = (): number =>
    readdirSync(tmpdir()).filter((name) => name.startsWith(`sandbox-${host.pid}-`)).length;
  for (const { tier, why } of await tiers()) {
    if (why !== "") continue;
    const session = await SandboxSession.open({ tier });
    await session.exec(["/bin/sh", "-c", "true"]);
    await session.close();
    await (tier as Partial<WarmTier>).close?.();
  }
  expect(left()).toBe(0);
  expect(processesWith(seconds)).toBeLessThanOrEqual(most);
}, 60_000);

const seen = (await tiers()).filter(({ name, why }) => ["native", "namespace"].includes(name) && why === "");

test.skipIf(process.getuid?.() !== 0).each(seen)(
  "nothing of a run is left when the host is killed while it begins, in tier $name (skipped unless root starts the tests)",
  async ({ name }) => {
    const seconds = String(200_000 + process.pid);
    for (let round = 0; round < ROUNDS; round += 1) {
      const host = spawn(process.execPath, [...child("beginning"), name, seconds, String(240_000)], {
        cwd: root,
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(createInterface({ input: host.stdout }), "line");
      await sleep(Math.random() * 100);
      host.kill("SIGKILL");
      await once(host, "exit");
    }
    for (let tries = 0; tries < 40 && processesWith(seconds) > 0; tries += 1) await sleep(100);
    expect(processesWith(seconds)).toBe(0);
  },
  240_000,
);

test.skipIf(process.getuid?.() !== 0)(
  "every attack is held for a host that is an ordinary user too (skipped unless root starts the tests)",
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, child("ordinary-user"), {
      cwd: root,
      uid: NOBODY,
      gid: NOBODY,
      env: { PATH: "/usr/bin:/bin", HOME: "/tmp" },
    });
    const { uid, tried, problems } = JSON.parse(stdout) as Record<string, unknown>;
    expect(uid).toBe(NOBODY);
    expect(tried).toContain("native");
    expect(problems).toEqual([]);
  },
  240_000,
);

function processesWith(argument: string): number {
  return readdirSync("/proc").filter((pid) => {
    try {
      const isEnded = /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
      return !isEnded && readFileSync(`/proc/${pid}/cmdline`, "latin1").startsWith(`sleep\0${argument}\0`);
    } catch {
      return false;
    }
  }).length;
}
