import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { AppendFile, type FileSystem, nodeFileSystem, type TornTail } from "@symbiont/filestore";
import { describe, expect, test } from "vitest";
import { fileSystemWith, systemError } from "./faulty-file-system.ts";
import { fileHolding } from "./lines.ts";
import { refusal } from "./refusal.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function created(calls: Partial<FileSystem> = {}): Promise<{ file: AppendFile; path: string }> {
  const path = join(temporaryDirectory(), "log");
  return { path, file: await AppendFile.create(path, { fileSystem: fileSystemWith(calls) }) };
}

function thrown(code: Parameters<typeof refusal>[0], more: object = {}): object {
  return expect.objectContaining(refusal(code, more)) as object;
}

async function tornTail(file: AppendFile): Promise<TornTail> {
  for await (const entry of file.lines({ maxLineBytes: 100 })) if (entry.kind === "torn") return entry;
  throw new Error("no torn tail");
}

describe("a second writer", () => {
  test.each([
    ["appends", (path: string) => appendFileSync(path, "theirs\n")],
    ["cuts", (path: string) => truncateSync(path, 1)],
    ["removes the file", (path: string) => unlinkSync(path)],
  ])("that %s is noticed before anything is written", async (_what, interfere) => {
    const { file, path } = await created();
    file.append([bytes("one\n")]);
    interfere(path);
    expect(() => file.append([bytes("two\n")])).toThrow(thrown("FILE_FORKED", { retryable: false }));
    expect(() => file.append([bytes("two\n")])).toThrow(thrown("FILE_FORKED"));
    await expect(file.sync()).rejects.toMatchObject(refusal("FILE_FORKED"));
    await file.close();
  });

  test("with the same library is noticed too: one of the two stops", async () => {
    const { file, path } = await created();
    const other = await AppendFile.open(path);
    file.append([bytes("one\n")]);
    expect(() => other.append([bytes("two\n")])).toThrow(thrown("FILE_FORKED"));
    file.append([bytes("three\n")]);
    expect(readFileSync(path, "utf8")).toBe("one\nthree\n");
    await file.close();
    await other.close();
  });

  test("that puts another file at the path is noticed when reading", async () => {
    const { file, path } = await created();
    file.append([bytes("one\n")]);
    renameSync(path, `${path}.old`);
    writeFileSync(path, "forged\n", { mode: 0o600 });
    await expect(file.lines({ maxLineBytes: 10 }).next()).rejects.toMatchObject(refusal("FILE_FORKED"));
    await file.close();
  });

  test("that appends before a repair keeps the tail from being cut", async () => {
    const path = fileHolding("one\ntw");
    const file = await AppendFile.open(path);
    const tail = await tornTail(file);
    appendFileSync(path, "o\n");
    const repairing = file.repairTail(tail, join(temporaryDirectory(), "q"));
    await expect(repairing).rejects.toMatchObject(refusal("FILE_FORKED"));
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
    await file.close();
  });
});

describe("a failing write", () => {
  const code = { ENOSPC: "FILE_NO_SPACE", EIO: "FILE_IO", EROFS: "FILE_READ_ONLY" } as const;
  test.each(Object.entries(code))("with %s is taken back, and the file goes on", async (errno, expected) => {
    let failing = false;
    const { file, path } = await created({
      write(descriptor, chunk, position) {
        if (!failing) return nodeFileSystem.write(descriptor, chunk, position);
        if (chunk.length <= 4) throw systemError(errno);
        return nodeFileSystem.write(descriptor, chunk.subarray(0, chunk.length - 4), position);
      },
    });
    file.append([bytes("one\n")]);
    failing = true;
    expect(() => file.append([bytes("two\n"), bytes("three\n")])).toThrow(thrown(expected, { path }));
    expect(readFileSync(path, "utf8")).toBe("one\n");
    expect(file.size).toBe(4);
    failing = false;
    file.append([bytes("four\n")]);
    await file.close();
    expect(readFileSync(path, "utf8")).toBe("one\nfour\n");
  });

  test("that cannot be taken back kills the object, and opening again finds the torn tail", async () => {
    const { file, path } = await created({
      write(descriptor, chunk, position) {
        if (chunk.length <= 2) throw systemError("EIO");
        return nodeFileSystem.write(descriptor, chunk.subarray(0, chunk.length - 2), position);
      },
      truncate() {
        throw systemError("EIO");
      },
    });
    expect(() => file.append([bytes("one\n")])).toThrow(thrown("FILE_TORN_TAIL"));
    expect(() => file.append([bytes("one\n")])).toThrow(thrown("FILE_TORN_TAIL"));
    await expect(file.sync()).rejects.toMatchObject(refusal("FILE_TORN_TAIL"));
    await file.close();
    await using again = await AppendFile.open(path);
    for await (const entry of again.lines({ maxLineBytes: 10 })) {
      if (entry.kind === "torn") await again.repairTail(entry, join(temporaryDirectory(), "q"));
    }
    expect(again.append([bytes("two\n")])).toBe(0);
  });

  test("of a system that takes nothing is an error, not a loop", async () => {
    const { file } = await created({ write: () => 0 });
    expect(() => file.append([bytes("one\n")])).toThrow(thrown("FILE_IO"));
    await file.close();
  });
});

describe("a failed sync", () => {
  test.each(["EIO", "ENOSPC", "EDQUOT"])("with %s is never tried again", async (errno) => {
    let syncs = 0;
    const { file, path } = await created({
      fdatasync() {
        syncs += 1;
        return Promise.reject(systemError(errno));
      },
    });
    file.append([bytes("one\n")]);
    const failed = refusal("FILE_SYNC_FAILED", { retryable: false, path });
    await expect(file.sync()).rejects.toMatchObject(failed);
    await expect(file.sync()).rejects.toMatchObject(failed);
    expect(() => file.syncNow()).toThrow(expect.objectContaining(failed));
    expect(() => file.append([bytes("two\n")])).toThrow(expect.objectContaining(failed));
    await file.close();
    expect(syncs).toBe(1);
    expect(readFileSync(path, "utf8")).toBe("one\n");
  });

  test("fails everybody who waits, also those whose own sync had not begun", async () => {
    let fail: (error: Error) => void = () => undefined;
    const { file } = await created({
      fdatasync: () =>
        new Promise((_resolve, reject) => {
          fail = reject;
        }),
    });
    file.append([bytes("one\n")]);
    const first = file.sync();
    await new Promise((resolve) => setImmediate(resolve));
    file.append([bytes("two\n")]);
    const waiting = [first, file.sync(), file.sync()];
    fail(systemError("EIO"));
    const outcomes = await Promise.allSettled(waiting);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: "rejected", reason: refusal("FILE_SYNC_FAILED") });
    await file.close();
  });

  test("that blocks does not let one that ran beside it claim success", async () => {
    let finish: () => void = () => undefined;
    const { file } = await created({
      fdatasync: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
      fdatasyncSync() {
        throw systemError("EIO");
      },
    });
    file.append([bytes("one\n")]);
    const beside = file.sync();
    await new Promise((resolve) => setImmediate(resolve));
    expect(() => file.syncNow()).toThrow(thrown("FILE_SYNC_FAILED"));
    finish();
    await expect(beside).rejects.toMatchObject(refusal("FILE_SYNC_FAILED"));
    await file.close();
  });

  test("at closing is reported, and the file is closed all the same", async () => {
    const { file } = await created({ fdatasync: () => Promise.reject(systemError("EIO")) });
    file.append([bytes("one\n")]);
    await expect(file.close()).rejects.toMatchObject(refusal("FILE_SYNC_FAILED"));
    await expect(file.close()).rejects.toMatchObject(refusal("FILE_SYNC_FAILED"));
  });

  test("of a new file or of its directory means there is no file to use", async () => {
    const path = join(temporaryDirectory(), "log");
    const fileSystem = fileSystemWith({ fsync: () => Promise.reject(systemError("EIO")) });
    await expect(AppendFile.create(path, { fileSystem })).rejects.toMatchObject(refusal("FILE_SYNC_FAILED"));
    expect(existsSync(path)).toBe(false);
  });

  test("of the quarantine leaves the tail in the file", async () => {
    const path = fileHolding("one\ntw");
    const fileSystem = fileSystemWith({ fsync: () => Promise.reject(systemError("EIO")) });
    const file = await AppendFile.open(path, { fileSystem });
    const tail = await tornTail(file);
    const repairing = file.repairTail(tail, join(temporaryDirectory(), "q"));
    await expect(repairing).rejects.toMatchObject(refusal("FILE_SYNC_FAILED"));
    expect(readFileSync(path, "utf8")).toBe("one\ntw");
    await file.close();
  });

  test("of the cut kills the object", async () => {
    const path = fileHolding("one\ntw");
    let truncated = false;
    const fileSystem = fileSystemWith({
      truncate(descriptor, size) {
        nodeFileSystem.truncate(descriptor, size);
        truncated = true;
      },
      fsync: (descriptor) =>
        truncated ? Promise.reject(systemError("EIO")) : nodeFileSystem.fsync(descriptor),
    });
    const file = await AppendFile.open(path, { fileSystem });
    const tail = await tornTail(file);
    const repairing = file.repairTail(tail, join(temporaryDirectory(), "q"));
    await expect(repairing).rejects.toMatchObject(refusal("FILE_SYNC_FAILED"));
    expect(() => file.append([bytes("two\n")])).toThrow(thrown("FILE_SYNC_FAILED"));
    await file.close();
  });
});
