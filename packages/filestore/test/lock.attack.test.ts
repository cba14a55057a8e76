import { execFileSync } from "node:child_process";
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { acquireLock, replaceFile, updateFile } from "@symbiont/filestore";
import { describe, expect, test } from "vitest";
import { temporaryDirectory } from "./temporary-directory.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.skipIf(process.platform !== "linux")(
  "whatever lies where the holder of a lock leaves its note",
  () => {
    const plants: [string, (note: string, victim: string) => void][] = [
      ["a second name of another file", (note, victim) => linkSync(victim, note)],
      ["a link to another file", (note, victim) => symlinkSync(victim, note)],
      ["a link to nowhere", (note) => symlinkSync("/nonexistent/target", note)],
      ["a pipe that nobody reads", (note) => execFileSync("mkfifo", [note])],
      ["an old note", (note) => writeFileSync(note, "x".repeat(10_000), { mode: 0o666 })],
    ];

    test.each(plants)("%s is replaced, not written into and not waited for", async (_, plant) => {
      const directory = temporaryDirectory();
      const [path, victim] = [join(directory, "file"), join(directory, "victim")];
      writeFileSync(victim, "not yours", { mode: 0o600 });
      plant(`${path}.lock.owner`, victim);
      const lock = await acquireLock(path, { timeoutMs: 2_000 });
      const note = lstatSync(`${path}.lock.owner`);
      expect([note.isFile(), note.nlink, note.mode & 0o777]).toEqual([true, 1, 0o600]);
      expect(JSON.parse(readFileSync(`${path}.lock.owner`, "utf8"))).toMatchObject({ pid: process.pid });
      await lock.release();
      expect(readFileSync(victim, "utf8")).toBe("not yours");
      expect(readdirSync(directory)).toEqual(["victim"]);
    });

    test("a folder only slows recovery down: the lock works without a note", async () => {
      const directory = temporaryDirectory();
      const path = join(directory, "file");
      mkdirSync(`${path}.lock.owner`);
      const lock = await acquireLock(path, { timeoutMs: 2_000 });
      lock.assertHeld();
      await lock.release();
      expect(readdirSync(directory)).toEqual(["file.lock.owner"]);
    });
  },
);

describe("whatever lies where the lock should be", () => {
  test.each<[string, (lock: string, directory: string) => void]>([
    ["a file", (lock) => writeFileSync(lock, "")],
    ["a link to a folder", (lock, directory) => symlinkSync(directory, lock)],
    ["a link to nowhere", (lock) => symlinkSync("/nonexistent/target", lock)],
  ])("%s lets nobody write, and is left alone", async (_, plant) => {
    const directory = temporaryDirectory();
    const path = join(directory, "file");
    await replaceFile(path, bytes("old"));
    plant(`${path}.lock`, directory);
    const updating = updateFile(path, () => bytes("new"), { maxBytes: 9, timeoutMs: 200 });
    await expect(updating).rejects.toMatchObject({ name: "FilestoreError" });
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(directory).sort()).toEqual(["file", "file.lock"]);
    rmSync(`${path}.lock`);
    await updateFile(path, () => bytes("new"), { maxBytes: 9 });
    expect(readFileSync(path, "utf8")).toBe("new");
  });
});
