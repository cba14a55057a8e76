import { chmodSync, readdirSync, readFileSync, rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { acquireLock, fileGeneration, readPrivateFile, replaceFile, updateFile } from "@symbiont/filestore";
import { describe, expect, test } from "vitest";
import { fileSystemWith, systemError } from "./faulty-file-system.ts";
import { refusal } from "./refusal.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array | undefined): string => new TextDecoder().decode(content);

function place(): { readonly directory: string; readonly path: string } {
  const directory = temporaryDirectory();
  return { directory, path: join(directory, "file") };
}

describe("updating a file", () => {
  test("creates it, then changes it, and leaves no lock behind", async () => {
    const { directory, path } = place();
    const first = await updateFile(path, (current) => bytes(`${text(current?.bytes)}a`), { maxBytes: 100 });
    const second = await updateFile(path, (current) => bytes(`${text(current?.bytes)}b`), { maxBytes: 100 });
    expect(readFileSync(path, "utf8")).toBe("ab");
    expect([first.changed, second.changed]).toEqual([true, true]);
    expect(second.generation).toEqual(fileGeneration(path));
    expect(readdirSync(directory)).toEqual(["file"]);
  });

  test("does not touch the file when there is nothing to change", async () => {
    const { path } = place();
    expect(await updateFile(path, () => undefined, { maxBytes: 9 })).toEqual({
      changed: false,
      generation: undefined,
    });
    const generation = await replaceFile(path, bytes("x"));
    expect(await updateFile(path, () => undefined, { maxBytes: 9 })).toEqual({ changed: false, generation });
    expect(fileGeneration(path)).toEqual(generation);
  });

  test("computes before it locks, and again only when the file has changed since", async () => {
    const { path } = place();
    const seen: string[] = [];
    await replaceFile(path, bytes("1"));
    await updateFile(
      path,
      async (current) => {
        seen.push(text(current?.bytes));
        if (seen.length === 1) {
          const lock = await acquireLock(path, { timeoutMs: 1_000 });
          await replaceFile(path, bytes("2"));
          await lock.release();
        }
        return bytes(`${text(current?.bytes)}+`);
      },
      { maxBytes: 100 },
    );
    expect(seen).toEqual(["1", "2"]);
    expect(readFileSync(path, "utf8")).toBe("2+");
  });

  test("does not read what the caller remembers, unless it is no longer what is there", async () => {
    const { path } = place();
    const generation = await replaceFile(path, bytes("1"));
    const remembered = { generation, bytes: bytes("as remembered") };
    const seen: unknown[] = [];
    const change = (current: unknown): Uint8Array => {
      seen.push(current);
      return bytes("2");
    };
    await updateFile(path, change, { maxBytes: 100, remembered });
    await updateFile(path, change, { maxBytes: 100, remembered });
    expect(seen[0]).toBe(remembered);
    expect(seen[1]).toMatchObject({ bytes: bytes("2") });
    expect(seen).toHaveLength(2);
  });

  test("reads what was remembered and has changed by the time the lock is had", async () => {
    const { path } = place();
    const generation = await replaceFile(path, bytes("1"));
    const seen: string[] = [];
    await updateFile(
      path,
      async (current) => {
        seen.push(text(current?.bytes));
        if (seen.length === 1) await replaceFile(path, bytes("2"));
        return bytes(`${text(current?.bytes)}+`);
      },
      { maxBytes: 100, remembered: { generation, bytes: bytes("1, remembered") } },
    );
    expect(seen).toEqual(["1, remembered", "2"]);
    expect(readFileSync(path, "utf8")).toBe("2+");
  });

  test("refuses what is remembered and has been opened to others since", async () => {
    const { path } = place();
    const generation = await replaceFile(path, bytes("1"));
    chmodSync(path, 0o644);
    const updating = updateFile(path, () => bytes("2"), {
      maxBytes: 100,
      remembered: { generation, bytes: bytes("1") },
    });
    await expect(updating).rejects.toMatchObject(refusal("FILE_NOT_PRIVATE"));
  });

  test("may find that nothing needs to change any more", async () => {
    const { path } = place();
    await replaceFile(path, bytes("1"));
    const update = await updateFile(
      path,
      async (current) => {
        if (text(current?.bytes) === "2") return undefined;
        await replaceFile(path, bytes("2"));
        return bytes("mine");
      },
      { maxBytes: 100 },
    );
    expect(update).toEqual({ changed: false, generation: fileGeneration(path) });
    expect(readFileSync(path, "utf8")).toBe("2");
  });

  test("starts over when a writer without the lock comes in between", async () => {
    const { path } = place();
    await replaceFile(path, bytes("1"));
    let interfere = true;
    const { fsync } = fileSystemWith({});
    const fileSystem = fileSystemWith({
      async fsync(descriptor) {
        await fsync(descriptor);
        if (!interfere) return;
        interfere = false;
        await replaceFile(path, bytes("2"));
      },
    });
    await updateFile(path, (current) => bytes(`${text(current?.bytes)}+`), { maxBytes: 100, fileSystem });
    expect(readFileSync(path, "utf8")).toBe("2+");
  });

  test("starts over when the file is removed in between", async () => {
    const { path } = place();
    await replaceFile(path, bytes("1"));
    let calls = 0;
    await updateFile(
      path,
      (current) => {
        calls += 1;
        if (calls === 1) unlinkSync(path);
        return bytes(`${text(current?.bytes)}+`);
      },
      { maxBytes: 100 },
    );
    expect(readFileSync(path, "utf8")).toBe("+");
  });

  test("does not write after its lock was lost, but starts over", async () => {
    const { path } = place();
    await replaceFile(path, bytes("1"));
    let lose = true;
    const { fsync } = fileSystemWith({});
    const fileSystem = fileSystemWith({
      async fsync(descriptor) {
        await fsync(descriptor);
        if (!lose) return;
        lose = false;
        rmdirSync(`${path}.lock`);
      },
    });
    const seen: string[] = [];
    await updateFile(
      path,
      (current) => {
        seen.push(text(current?.bytes));
        return bytes(`${text(current?.bytes)}+`);
      },
      { maxBytes: 100, fileSystem },
    );
    expect(seen).toEqual(["1", "1"]);
    expect(readFileSync(path, "utf8")).toBe("1+");
  });

  test("gives up after five attempts, and says that trying again may help", async () => {
    const { directory, path } = place();
    await replaceFile(path, bytes("1"));
    let interferences = 0;
    const { fsync } = fileSystemWith({});
    const fileSystem = fileSystemWith({
      async fsync(descriptor) {
        await fsync(descriptor);
        interferences += 1;
        await replaceFile(path, bytes(String(interferences)));
      },
    });
    const updating = updateFile(path, () => bytes("mine"), { maxBytes: 100, fileSystem });
    await expect(updating).rejects.toMatchObject(refusal("FILE_CONFLICT", { retryable: true }));
    expect(interferences).toBe(5);
    expect(readdirSync(directory)).toEqual(["file"]);
  });

  test("loses none of many updates at once", async () => {
    const { path } = place();
    const add = (current: { bytes: Uint8Array } | undefined): Uint8Array =>
      bytes(String(Number(text(current?.bytes) || 0) + 1));
    await Promise.all(Array.from({ length: 30 }, () => updateFile(path, add, { maxBytes: 100 })));
    expect(readFileSync(path, "utf8")).toBe("30");
  });

  test("refuses content that could not be read back", async () => {
    const { directory, path } = place();
    const updating = updateFile(path, () => new Uint8Array(11), { maxBytes: 10 });
    await expect(updating).rejects.toMatchObject(refusal("FILE_TOO_LARGE"));
    expect(readdirSync(directory)).toEqual([]);
  });

  test("gives the lock back after every failure", async () => {
    const { directory, path } = place();
    const mine = new Error("mine");
    await expect(updateFile(path, () => Promise.reject(mine), { maxBytes: 10 })).rejects.toBe(mine);
    const fileSystem = fileSystemWith({
      rename() {
        throw systemError("ENOSPC");
      },
    });
    const full = updateFile(path, () => bytes("x"), { maxBytes: 10, fileSystem });
    await expect(full).rejects.toMatchObject(refusal("FILE_NO_SPACE", { retryable: true }));
    expect(readdirSync(directory)).toEqual([]);
  });

  test("leaves nothing of what it staged, however it ends", async () => {
    const { directory, path } = place();
    await replaceFile(path, bytes("old"));
    const change = (): Uint8Array => bytes("new");
    const lock = await acquireLock(path);
    // No lock in time.
    const late = updateFile(path, change, { maxBytes: 9, timeoutMs: 100 });
    await expect(late).rejects.toMatchObject(refusal("FILE_LOCK_TIMEOUT", { retryable: true }));
    // Overtaken while it waits, and then: nothing to do any more, a change that throws, one that is too large.
    const answers: (() => Uint8Array | undefined)[] = [
      () => undefined,
      () => {
        throw new Error("the caller's own");
      },
      () => bytes("far too large"),
    ];
    const waiting = answers.map((answer) => {
      let calls = 0;
      return updateFile(path, () => ((calls += 1) === 1 ? change() : answer()), { maxBytes: 9 });
    });
    const settled = Promise.allSettled(waiting);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await replaceFile(path, bytes("theirs"));
    await lock.release();
    expect((await settled).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(readFileSync(path, "utf8")).toBe("theirs");
    expect(readdirSync(directory)).toEqual(["file"]);
  });

  test("tells of a disk that fails while it waits for the lock", async () => {
    const { directory, path } = place();
    await replaceFile(path, bytes("old"));
    const fileSystem = fileSystemWith({
      fsync: () => Promise.reject(systemError("EIO")),
    });
    const updating = updateFile(path, () => bytes("new"), { maxBytes: 9, fileSystem });
    await expect(updating).rejects.toMatchObject(refusal("FILE_SYNC_FAILED"));
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(directory)).toEqual(["file"]);
  });

  test("lets readers see whole generations in order, without a lock", async () => {
    const { path } = place();
    await replaceFile(path, new Uint8Array(2000).fill(0));
    const writing = new AbortController();
    const read = async (): Promise<number> => {
      let last = 0;
      let reads = 0;
      while (!writing.signal.aborted) {
        const { bytes: found } = await readPrivateFile(path, { maxBytes: 2000 });
        expect(new Set(found).size).toBe(1);
        expect(found[0]).toBeGreaterThanOrEqual(last);
        last = found[0] ?? 0;
        reads += 1;
      }
      return reads;
    };
    const readers = [read(), read()];
    for (let round = 1; round <= 60; round += 1)
      await updateFile(path, () => new Uint8Array(2000).fill(round), { maxBytes: 2000 });
    writing.abort();
    for (const reads of await Promise.all(readers)) expect(reads).toBeGreaterThan(0);
  });
});
