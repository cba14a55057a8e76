import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type FileEntry, readLineBatches, readLines } from "@symbiont/filestore";
import { afterAll, expect, test } from "vitest";
import { fileHolding } from "./lines.ts";
import { refusal } from "./refusal.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

function packed(bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "gzip-"));
  made.push(folder);
  const path = join(folder, "file.gz");
  writeFileSync(path, bytes, { mode: 0o600 });
  return path;
}

async function entries(path: string, gzip: boolean): Promise<FileEntry[]> {
  const all: FileEntry[] = [];
  for await (const entry of readLines(path, { maxLineBytes: 2_000, gzip })) all.push(entry);
  return all;
}

test.each([
  ["nothing", ""],
  ["short lines", "one\n\nthree\n"],
  ["a tail", "one\ntwo"],
  [
    "many lines",
    Array.from({ length: 3_000 }, (_, index) => `line ${index} ${"x".repeat(index % 97)}\n`).join(""),
  ],
])("%s: what is packed reads as what is not", async (_, text) => {
  const said = (all: FileEntry[]): string[] =>
    all.map(
      (entry) =>
        `${entry.offset} ${entry.kind === "line" ? new TextDecoder().decode(entry.bytes) : entry.length}`,
    );
  expect(said(await entries(packed(gzipSync(text)), true))).toEqual(
    said(await entries(fileHolding(text), false)),
  );
});

test("a hole is torn", async () => {
  expect(await entries(packed(gzipSync("one\n\0\0two\n")), true)).toMatchObject([
    { kind: "line", offset: 0 },
    { kind: "torn", offset: 4, reason: "nul" },
  ]);
});

test.each([
  ["cut short", gzipSync("one\ntwo\n".repeat(1_000)).subarray(0, -5)],
  ["changed", gzipSync("one\ntwo\n").map((byte, index) => (index === 14 ? byte ^ 0xff : byte))],
  ["not gzip", Buffer.from("one\ntwo\n")],
])("one that is %s is refused", async (_, bytes) => {
  await expect(entries(packed(bytes), true)).rejects.toMatchObject(refusal("FILE_FORMAT_INVALID"));
});

test("a small file of one endless line is refused before it fills the memory", async () => {
  const bomb = packed(gzipSync(Buffer.alloc(256 << 20, 0x61)));
  const before = process.memoryUsage().rss;
  let most = 0;
  const reading = async (): Promise<void> => {
    for await (const _ of readLineBatches(bomb, { maxLineBytes: 2_000, gzip: true }))
      most = Math.max(most, process.memoryUsage().rss);
  };
  await reading();
  expect(most - before).toBeLessThan(128 << 20);
});

test("one that others may read is refused, and a place to begin as well", async () => {
  const path = packed(gzipSync("one\n"));
  await expect(readLineBatches(path, { maxLineBytes: 10, gzip: true, from: 4 }).next()).rejects.toThrow(
    RangeError,
  );
  chmodSync(path, 0o644);
  await expect(entries(path, true)).rejects.toMatchObject(refusal("FILE_NOT_PRIVATE"));
});
