import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { acquireLock } from "@symbiont/filestore";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleChild, type Child, type ChildScript, startChild } from "./children/start.ts";
import { countTogether, leaveStaleLock, numberIn, overtakeTogether } from "./lock-rounds.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const scripts: Record<string, ChildScript> = {};
const script = (name: string): ChildScript => scripts[name] as ChildScript;
const MANY = { processes: 8, increments: 50, staleMs: 30_000 };

beforeAll(async () => {
  for (const name of ["increment", "hold", "enter"]) scripts[name] = await bundleChild(name);
});
afterAll(() => {
  for (const script of Object.values(scripts)) script.remove();
});

test("8 processes add 50 each", async () => {
  await countTogether(script("increment"), join(temporaryDirectory(), "counter"), MANY);
});

test("8 processes add 50 each, past an abandoned lock", async () => {
  const path = join(temporaryDirectory(), "counter");
  leaveStaleLock(path);
  await countTogether(script("increment"), path, MANY);
});

test("8 processes add 50 each, past a holder stopped for longer than the lock lives", async () => {
  const path = join(temporaryDirectory(), "counter");
  const holder = startChild(script("hold"), path);
  await holder.printed("held");
  holder.process.kill("SIGSTOP");
  await countTogether(script("increment"), path, MANY);
  holder.process.kill("SIGCONT");
  holder.process.stdin.write("\n");
  await holder.ended;
  expect(holder.lines).toEqual(["held", "FILE_LOCK_LOST", "released"]);
});

test("8 processes go through 60 abandoned locks, never two inside", async () => {
  await overtakeTogether(script("enter"), temporaryDirectory(), { processes: 8, rounds: 60 });
});

test("an increment that was acknowledged is never lost while 6 processes are killed 300 times", async () => {
  const path = join(temporaryDirectory(), "counter");
  let acknowledged = 0;
  let kills = 0;
  const lives = Array.from({ length: 6 }, async () => {
    // On a busy machine many are killed before they have done anything: those prove nothing.
    while (kills < 300 || acknowledged < 150) {
      const child: Child = startChild(script("increment"), path, 1_000_000, 30_000);
      await Promise.race([child.printed("done").catch(() => undefined), sleep(2_000)]);
      await sleep(Math.random() * 60);
      child.process.kill("SIGKILL");
      await child.ended;
      kills += 1;
      acknowledged += child.lines.length;
    }
  });
  await Promise.all(lives);
  expect(numberIn(path)).toBeGreaterThanOrEqual(acknowledged);
  expect(numberIn(path)).toBeLessThanOrEqual(acknowledged + kills);
});

test("a held lock is renewed, and not taken over", async () => {
  const path = join(temporaryDirectory(), "file");
  const lock = await acquireLock(path, { staleMs: 4_000 });
  const child = startChild(script("hold"), path, 4_000);
  await sleep(5_000);
  expect(child.lines).toEqual([]);
  lock.assertHeld();
  await lock.release();
  await child.printed("held");
  child.process.stdin.end("\n");
  await child.ended;
});
