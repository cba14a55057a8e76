import { existsSync, mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { SecretFile } from "@symbiont/secrets/file";
import { expect, test } from "vitest";
import { bundledChild, type StartChild } from "./bundled-child.ts";
import { letLockAge } from "./let-lock-age.ts";
import { temporaryFile } from "./temporary-directory.ts";
import { rawKey } from "./test-keys.ts";

const PROCESSES = 8;
const INCREMENTS = 50;

const increment = bundledChild("increment");
const holdLock = bundledChild("hold-lock");
const writeOften = bundledChild("write-often");

test("8 processes add 50 each, and none is lost", async () => {
  const path = await counter();
  await countTogether(increment, path);
});

test("8 processes add 50 each past an abandoned lock, and none is lost", async () => {
  const path = await counter();
  mkdirSync(`${path}.lock`);
  letLockAge(path);
  await countTogether(increment, path);
});

test("8 processes add 50 each past a stopped holder of the lock, and none is lost", async () => {
  const path = await counter();
  const holder = holdLock(path);
  await holder.printed("held");
  holder.process.kill("SIGSTOP");
  await countTogether(increment, path);
  holder.process.kill("SIGCONT");
  holder.process.kill("SIGKILL");
});

test("writers killed 100 times at random leave a store that opens and only ever moves forward", async () => {
  const path = await counter();
  let last = 1;
  // On a busy machine many are killed before they have written anything: those prove nothing.
  for (let round = 0; round < 100 || last <= 100; round += 1) {
    const writer = writeOften(path, 1_000);
    await writer.printed("started");
    await sleep(Math.random() * 60);
    writer.process.kill("SIGKILL");
    await writer.ended;
    // Who dies before his lock says whose it is leaves one that lasts its time.
    if (existsSync(`${path}.lock`)) letLockAge(path);
    await using file = await SecretFile.open(path, { keyProviders: [rawKey()] });
    const { version } = await file.store.get("counter");
    expect(version).toBeGreaterThanOrEqual(last);
    last = version;
  }
});

async function counter(): Promise<string> {
  const path = temporaryFile();
  await using file = await SecretFile.create(path, { keyProviders: [rawKey()] });
  await file.store.set("counter", "0");
  return path;
}

async function countTogether(start: StartChild, path: string): Promise<void> {
  const children = Array.from({ length: PROCESSES }, () => start(path, INCREMENTS));
  for (const child of children)
    expect(await child.ended).toEqual({ code: 0, signal: null, lines: ["finished"] });
  await using file = await SecretFile.open(path, { keyProviders: [rawKey()] });
  const secret = await file.store.get("counter");
  expect(secret.expose()).toBe(String(PROCESSES * INCREMENTS));
  expect(secret.version).toBe(PROCESSES * INCREMENTS + 1);
}
