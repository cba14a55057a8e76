import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SecretFile } from "@symbiont/secrets/file";
import { describe, expect, onTestFinished, test } from "vitest";
import { bundledChild } from "./bundled-child.ts";
import { letLockAge } from "./let-lock-age.ts";
import { temporaryDirectory, temporaryFile } from "./temporary-directory.ts";
import { rawKey } from "./test-keys.ts";

const dieAtStep = bundledChild("die-at-step");
const writeOften = bundledChild("write-often");
const CANARY = "cAnArY7sEcReT9";
const options = { keyProviders: [rawKey()] };

async function storeWith(path: string, name: string, value: string): Promise<void> {
  await using file = await SecretFile.create(path, options);
  await file.store.set(name, value);
}

test("a writer killed at any step leaves the old or the new value, nothing in the clear, and the next writer goes on", async () => {
  const trial = temporaryFile("trial");
  await storeWith(trial, "value", `old ${CANARY}`);
  const { lines } = await dieAtStep(trial, 0).ended;
  const calls = lines.join().split(" ");
  expect(calls).toEqual(
    expect.arrayContaining(["openSync", "writeSync", "fsync", "renameSync", "mkdirSync"]),
  );
  const deaths = calls.flatMap((name, index) => [
    { name, step: index + 1, half: "" },
    ...(name === "writeSync" ? [{ name, step: index + 1, half: "half" }] : []),
  ]);
  // Here the lock is there, but no sign of who has it: it lasts its time.
  const unsigned = range(calls.indexOf("mkdirSync") + 2, calls.indexOf("utimesSync") + 1);
  unsigned.push(calls.lastIndexOf("rmdirSync") + 1);
  const found = new Set<string>();
  const live = async ({ step, half }: { step: number; half: string }): Promise<void> => {
    const path = temporaryFile("killed");
    await storeWith(path, "value", `old ${CANARY}`);
    const end = await dieAtStep(path, step, half).ended;
    expect(end.signal).toBe("SIGKILL");
    await using file = await SecretFile.open(path, options);
    const secret = await file.store.get("value");
    const [value = "", canary] = secret.expose().split(" ");
    expect(canary).toBe(CANARY);
    for (const name of readdirSync(dirname(path), { recursive: true, encoding: "utf8" })) {
      const remains = join(dirname(path), name);
      if (statSync(remains).isFile()) expect(readFileSync(remains).includes(CANARY)).toBe(false);
    }
    expect({ old: 1, new: 2 }[value]).toBe(secret.version);
    found.add(value);
    if (unsigned.includes(step)) letLockAge(path);
    await file.store.set("value", "newer");
    expect((await file.store.get("value")).expose()).toBe("newer");
  };
  for (let from = 0; from < deaths.length; from += 4)
    await Promise.all(deaths.slice(from, from + 4).map(live));
  expect([...found].sort()).toEqual(["new", "old"]);
}, 120_000);

test("a reader meets no error while another process writes, and never sees an older version again", async () => {
  const path = temporaryFile();
  await storeWith(path, "counter", "0");
  const writer = writeOften(path, 100);
  const readers = Array.from({ length: 3 }, async () => {
    await using file = await SecretFile.open(path, options);
    let last = 0;
    let reads = 0;
    while (last < 101) {
      const [secret, all] = await Promise.all([file.store.get("counter"), file.store.list()]);
      expect(secret.version).toBeGreaterThanOrEqual(last);
      expect(Number(secret.expose())).toBe(secret.version - 1);
      expect(all).toEqual(["counter"]);
      last = secret.version;
      reads += 1;
    }
    return reads;
  });
  expect((await writer.ended).lines).toEqual(["started", "finished"]);
  for (const reads of await Promise.all(readers)) expect(reads).toBeGreaterThan(1);
}, 60_000);

describe("on a file system of its own", () => {
  test("a full disk is a typed error, and nothing changes", async ({ skip }) => {
    const folder = mounted("size=200k");
    if (folder === undefined) return skip("mounting a tmpfs needs root");
    const path = join(folder, "secrets");
    await using file = await SecretFile.create(path, options);
    await file.store.set("value", "kept");
    const before = readFileSync(path);
    writeFileSync(join(folder, "ballast"), new Uint8Array(120 << 10));
    await expect(file.store.set("big", new Uint8Array(80 << 10))).rejects.toMatchObject({
      code: "SECRET_UNAVAILABLE",
      retryable: true,
    });
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["ballast", "secrets"]);
    expect((await file.store.get("value")).expose()).toBe("kept");
    await file.store.set("value", "small");
    expect((await file.store.get("value")).expose()).toBe("small");
  });

  test("a read-only mount can be read, and says so when it is written", async ({ skip }) => {
    const folder = mounted("size=1m");
    if (folder === undefined) return skip("mounting a tmpfs needs root");
    const path = join(folder, "secrets");
    await storeWith(path, "value", "here");
    execFileSync("mount", ["-o", "remount,ro", folder]);
    await using file = await SecretFile.open(path, options);
    expect((await file.store.get("value")).expose()).toBe("here");
    await expect(file.store.set("value", "new")).rejects.toMatchObject({ code: "SECRET_READ_ONLY" });
    await expect(file.store.delete("value")).rejects.toMatchObject({ code: "SECRET_READ_ONLY" });
    await expect(file.rotateRootKey()).rejects.toMatchObject({ code: "SECRET_READ_ONLY" });
    await expect(SecretFile.create(join(folder, "other"), options)).rejects.toMatchObject({
      code: "SECRET_READ_ONLY",
    });
  });
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** A small tmpfs, or undefined where we may not mount one. */
function mounted(size: string): string | undefined {
  const folder = join(temporaryDirectory(), "mount");
  mkdirSync(folder, { mode: 0o700 });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `${size},mode=700`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync("umount", ["-l", folder]));
  return folder;
}
