import { lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppendFile, type FileEntry, readPrivateFile, type TornTail } from "@symbiont/filestore";
import { describe, expect, test } from "vitest";
import { fileSystemWith, recordingFileSystem } from "./faulty-file-system.ts";
import { fileHolding } from "./lines.ts";
import { refusal } from "./refusal.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function all(file: AppendFile): Promise<FileEntry[]> {
  const entries: FileEntry[] = [];
  for await (const entry of file.lines({ maxLineBytes: 1000 })) entries.push(entry);
  return entries;
}

async function tornTail(file: AppendFile): Promise<TornTail> {
  const last = (await all(file)).at(-1);
  if (last?.kind !== "torn") throw new Error("no torn tail");
  return last;
}

describe("creating", () => {
  test("makes a private, empty file whose name is durable", async () => {
    const path = join(temporaryDirectory(), "log.jsonl");
    const { fileSystem, calls } = recordingFileSystem();
    const file = await AppendFile.create(path, { fileSystem });
    expect(calls).toEqual(["open file", "fsync file", "open directory", "fsync directory"]);
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    expect([file.path, file.size]).toEqual([path, 0]);
    await file.close();
  });

  test("refuses a name that is taken", async () => {
    const creating = AppendFile.create(fileHolding("one\n"));
    await expect(creating).rejects.toMatchObject(refusal("FILE_EXISTS"));
  });
});

describe("appending", () => {
  test("adds whole lines one after the other and tells where they begin", async () => {
    const path = join(temporaryDirectory(), "log");
    await using file = await AppendFile.create(path);
    expect(file.append([bytes("one\n")])).toBe(0);
    expect(file.append([bytes("two\n"), bytes("thr"), bytes("ee\n")])).toBe(4);
    expect(file.size).toBe(14);
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\nthree\n");
  });

  test("goes on where the file ended", async () => {
    const path = fileHolding("one\n");
    await using file = await AppendFile.open(path);
    expect(file.append([bytes("two\n")])).toBe(4);
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
  });

  test("makes one write of a batch", async () => {
    const { fileSystem, calls } = recordingFileSystem();
    await using file = await AppendFile.create(join(temporaryDirectory(), "log"), { fileSystem });
    calls.length = 0;
    file.append([bytes("one\n"), bytes("two\n"), bytes("three\n")]);
    expect(calls).toEqual(["write file"]);
  });

  test("writes on after the system took only a part", async () => {
    const path = join(temporaryDirectory(), "log");
    const { write } = fileSystemWith({});
    const fileSystem = fileSystemWith({
      write: (descriptor, chunk, position) => write(descriptor, chunk.subarray(0, 2), position),
    });
    await using file = await AppendFile.create(path, { fileSystem });
    file.append([bytes("one\n"), bytes("two\n")]);
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
  });

  test.each([[[]], [["x"]], [["one\n", "two"]], [["a\0b\n"]], [[""]]])(
    "refuses %j: not whole lines",
    async (texts) => {
      await using file = await AppendFile.create(join(temporaryDirectory(), "log"));
      expect(() => file.append(texts.map(bytes))).toThrow(RangeError);
      expect(file.size).toBe(0);
    },
  );

  test("does not keep the caller's buffer", async () => {
    const path = join(temporaryDirectory(), "log");
    await using file = await AppendFile.create(path);
    const line = bytes("one\n");
    file.append([line]);
    line.fill(0);
    await file.sync();
    expect(readFileSync(path, "utf8")).toBe("one\n");
  });
});

describe("syncing", () => {
  /** A file whose syncs end when the test says so. */
  async function held(): Promise<{ file: AppendFile; finish: (() => void)[]; sizes: number[] }> {
    const finish: (() => void)[] = [];
    const sizes: number[] = [];
    const fileSystem = fileSystemWith({
      fdatasync: () =>
        new Promise((resolve) => {
          sizes.push(file.size);
          finish.push(resolve);
        }),
    });
    const file = await AppendFile.create(join(temporaryDirectory(), "log"), { fileSystem });
    return { file, finish, sizes };
  }
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test("lets lines be appended meanwhile, and shares the next sync among all who wait", async () => {
    const { file, finish, sizes } = await held();
    const done: string[] = [];
    const sync = (name: string): Promise<void> => file.sync().then(() => void done.push(name));
    file.append([bytes("1\n")]);
    const first = sync("first");
    await turn();
    file.append([bytes("2\n")]);
    const second = sync("second");
    file.append([bytes("3\n")]);
    const third = sync("third");
    await turn();
    expect([done, finish.length]).toEqual([[], 1]);
    finish[0]?.();
    await first;
    await turn();
    expect([done, finish.length]).toEqual([["first"], 2]);
    finish[1]?.();
    await Promise.all([second, third]);
    expect(sizes).toEqual([2, 6]);
    await file.close();
    expect(finish.length).toBe(2);
  });

  test("does nothing when everything is durable", async () => {
    const { fileSystem, calls } = recordingFileSystem();
    await using file = await AppendFile.create(join(temporaryDirectory(), "log"), { fileSystem });
    calls.length = 0;
    await file.sync();
    expect(calls).toEqual([]);
  });

  test("does not trust that an earlier process has synced what is there", async () => {
    const path = fileHolding("one\n");
    const { fileSystem, calls } = recordingFileSystem();
    await using file = await AppendFile.open(path, { fileSystem });
    await file.sync();
    expect(calls).toContain("fdatasync file");
  });

  test("can block, for the last moment", async () => {
    const { fileSystem, calls } = recordingFileSystem();
    await using file = await AppendFile.create(join(temporaryDirectory(), "log"), { fileSystem });
    file.append([bytes("one\n")]);
    file.syncNow();
    await file.sync();
    expect(calls.filter((call) => call.startsWith("fdatasync"))).toEqual(["fdatasyncSync file"]);
  });
});

describe("closing", () => {
  test("syncs what was appended, once, and then refuses everything", async () => {
    const { fileSystem, calls } = recordingFileSystem();
    const file = await AppendFile.create(join(temporaryDirectory(), "log"), { fileSystem });
    file.append([bytes("one\n")]);
    await Promise.all([file.close(), file.close()]);
    await file.close();
    expect(calls.filter((call) => call === "fdatasync file").length).toBe(1);
    const closed = refusal("FILE_CLOSED");
    expect(() => file.append([bytes("two\n")])).toThrow(expect.objectContaining(closed));
    expect(() => file.syncNow()).toThrow(expect.objectContaining(closed));
    await expect(file.sync()).rejects.toMatchObject(closed);
    await expect(all(file)).rejects.toMatchObject(closed);
    await expect(
      file.repairTail({ kind: "torn", offset: 0, length: 1, reason: "nul" }, "/nowhere"),
    ).rejects.toMatchObject(closed);
  });

  test("waits for a sync that is under way", async () => {
    const path = join(temporaryDirectory(), "log");
    const file = await AppendFile.create(path);
    file.append([bytes("one\n")]);
    const syncing = file.sync();
    await file.close();
    await syncing;
  });
});

describe("repairing a torn tail", () => {
  test("keeps the torn bytes in a file of their own, durably, before they are cut off", async () => {
    const path = fileHolding("one\ntwo");
    const quarantine = join(temporaryDirectory(), "torn-4");
    const { fileSystem, calls } = recordingFileSystem();
    await using file = await AppendFile.open(path, { fileSystem });
    const tail = await tornTail(file);
    calls.length = 0;
    expect(await file.repairTail(tail, quarantine)).toEqual({ file: quarantine, offset: 4, bytes: 3 });
    expect(calls).toEqual([
      "open file",
      "open file",
      "write file",
      "fsync file",
      "open directory",
      "fsync directory",
      "truncate file",
      "fsync file",
    ]);
    const { bytes: kept } = await readPrivateFile(quarantine, { maxBytes: 100 });
    expect(new TextDecoder().decode(kept)).toBe("two");
    file.append([bytes("2\n")]);
    expect(readFileSync(path, "utf8")).toBe("one\n2\n");
  });

  test("copies large tails whole", async () => {
    const junk = new Uint8Array(300_001).map((_, index) => index % 251);
    junk[0] = 0;
    const path = fileHolding(junk);
    const quarantine = join(temporaryDirectory(), "torn");
    await using file = await AppendFile.open(path);
    await file.repairTail(await tornTail(file), quarantine);
    expect(Buffer.compare(readFileSync(quarantine), junk)).toBe(0);
    expect(file.size).toBe(0);
  });

  test("is needed before anything can be appended, also for a hole that ends in a newline", async () => {
    const torn = expect.objectContaining(refusal("FILE_TORN_TAIL"));
    await using unterminated = await AppendFile.open(fileHolding("one\ntwo"));
    expect(() => unterminated.append([bytes("x\n")])).toThrow(torn);
    await using holed = await AppendFile.open(fileHolding("one\n\0\0\n"));
    await tornTail(holed);
    expect(() => holed.append([bytes("x\n")])).toThrow(torn);
  });

  test("never overwrites an earlier quarantine, and then leaves the tail where it is", async () => {
    const path = fileHolding("one\ntwo");
    const quarantine = fileHolding("evidence");
    await using file = await AppendFile.open(path);
    const repairing = file.repairTail(await tornTail(file), quarantine);
    await expect(repairing).rejects.toMatchObject(refusal("FILE_EXISTS", { path: quarantine }));
    expect(readFileSync(quarantine, "utf8")).toBe("evidence");
    expect(readFileSync(path, "utf8")).toBe("one\ntwo");
  });

  test.each([
    { offset: 0, length: 7 },
    { offset: 4, length: 2 },
    { offset: 4, length: 4 },
    { offset: 7, length: 0 },
  ])("refuses a tail that is not the file's own: %j", async (range) => {
    const path = fileHolding("one\ntwo");
    const directory = temporaryDirectory();
    await using file = await AppendFile.open(path);
    await tornTail(file);
    const tail: TornTail = { kind: "torn", reason: "nul", ...range };
    await expect(file.repairTail(tail, join(directory, "q"))).rejects.toThrow(RangeError);
    expect(readdirSync(directory)).toEqual([]);
  });

  test("refuses to cut a file that is whole", async () => {
    await using file = await AppendFile.open(fileHolding("one\ntwo\n"));
    const tail: TornTail = { kind: "torn", reason: "nul", offset: 4, length: 4 };
    await expect(file.repairTail(tail, join(temporaryDirectory(), "q"))).rejects.toThrow(RangeError);
  });

  test("leaves nothing to repair", async () => {
    const path = fileHolding("one\ntwo");
    await using file = await AppendFile.open(path);
    await file.repairTail(await tornTail(file), join(temporaryDirectory(), "q"));
    expect((await all(file)).map((entry) => entry.kind)).toEqual(["line"]);
    writeFileSync(path, "one\n");
  });
});
