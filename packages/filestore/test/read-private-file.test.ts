import { appendFileSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileGeneration, readPrivateFile, replaceFile, sameGeneration } from "@symbiont/filestore";
import { describe, expect, test } from "vitest";
import { refusal } from "./refusal.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

describe("reading a private file", () => {
  test("gives all bytes and the generation they belong to", async () => {
    const path = join(temporaryDirectory(), "file");
    const content = new Uint8Array(200_000).map((_, index) => index % 251);
    const written = await replaceFile(path, content);
    const { bytes, generation } = await readPrivateFile(path, { maxBytes: 200_000 });
    expect(Buffer.compare(bytes, content)).toBe(0);
    expect(sameGeneration(generation, written)).toBe(true);
    expect(sameGeneration(generation, fileGeneration(path))).toBe(true);
  });

  test("reads an empty file", async () => {
    const path = join(temporaryDirectory(), "file");
    await replaceFile(path, new Uint8Array());
    expect((await readPrivateFile(path, { maxBytes: 0 })).bytes.length).toBe(0);
  });

  test("refuses a missing file", async () => {
    const path = join(temporaryDirectory(), "file");
    const reading = readPrivateFile(path, { maxBytes: 10 });
    await expect(reading).rejects.toMatchObject(refusal("FILE_NOT_FOUND", { path, retryable: false }));
  });

  test("refuses a file one byte too large, and does not reserve memory for it", async () => {
    const path = join(temporaryDirectory(), "file");
    await replaceFile(path, new Uint8Array(11));
    await expect(readPrivateFile(path, { maxBytes: 10 })).rejects.toMatchObject(refusal("FILE_TOO_LARGE"));
    truncateSync(path, 2 ** 40);
    await expect(readPrivateFile(path, { maxBytes: 10 })).rejects.toMatchObject(refusal("FILE_TOO_LARGE"));
  });

  test.each([
    ["grows", (path: string) => appendFileSync(path, "x")],
    ["shrinks", (path: string) => truncateSync(path, 10)],
    ["is rewritten", (path: string) => writeFileSync(path, new Uint8Array(100_000).fill(1))],
  ])("refuses a file that %s in place meanwhile", async (_how, edit) => {
    const path = join(temporaryDirectory(), "file");
    await replaceFile(path, new Uint8Array(100_000));
    const reading = readPrivateFile(path, { maxBytes: 200_000 });
    edit(path);
    await expect(reading).rejects.toMatchObject(refusal("FILE_CONFLICT", { retryable: true }));
  });

  test("gives the whole old content when the file is replaced meanwhile", async () => {
    const path = join(temporaryDirectory(), "file");
    await replaceFile(path, new Uint8Array(100_000).fill(1));
    const reading = readPrivateFile(path, { maxBytes: 200_000 });
    const replacing = replaceFile(path, new Uint8Array(100_000).fill(2));
    const { bytes, generation } = await reading;
    await replacing;
    expect(bytes.every((byte) => byte === 1)).toBe(true);
    expect(sameGeneration(generation, fileGeneration(path))).toBe(false);
  });

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, undefined])(
    "refuses maxBytes %s",
    async (maxBytes) => {
      await expect(readPrivateFile("/nowhere", { maxBytes: maxBytes as number })).rejects.toThrow(/maxBytes/);
    },
  );
});

describe("generations", () => {
  test("of a missing file are undefined, and equal each other only", async () => {
    const path = join(temporaryDirectory(), "file");
    expect(fileGeneration(path)).toBeUndefined();
    expect(sameGeneration(undefined, undefined)).toBe(true);
    expect(sameGeneration(undefined, await replaceFile(path, new Uint8Array(1)))).toBe(false);
  });

  test("see an edit in place whose size and mtime were put back", async () => {
    const path = join(temporaryDirectory(), "file");
    await replaceFile(path, new TextEncoder().encode("aaaa"));
    const then = new Date(1_700_000_000_000);
    utimesSync(path, then, then);
    const before = fileGeneration(path);
    writeFileSync(path, "bbbb");
    utimesSync(path, then, then);
    const after = fileGeneration(path);
    expect(statSync(path).mtimeMs).toBe(then.getTime());
    expect(after?.size).toBe(before?.size);
    expect(sameGeneration(before, after)).toBe(false);
  });

  test("are refused where a file stands in the place of a directory", () => {
    const path = join(temporaryDirectory(), "file");
    writeFileSync(path, "");
    expect(() => fileGeneration(join(path, "x"))).toThrow(expect.objectContaining(refusal("FILE_NOT_FOUND")));
  });
});
