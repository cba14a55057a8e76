import { readdirSync, truncateSync } from "node:fs";
import { readLines } from "@symbiont/filestore";
import { describe, expect, test } from "vitest";
import { entriesOf, fileHolding } from "./lines.ts";
import { refusal } from "./refusal.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("reading lines", () => {
  test("yields each line with its offset, empty ones too", async () => {
    expect(await entriesOf(fileHolding("one\n\nthree\n"))).toEqual([
      { kind: "line", offset: 0, bytes: bytes("one") },
      { kind: "line", offset: 4, bytes: bytes("") },
      { kind: "line", offset: 5, bytes: bytes("three") },
    ]);
  });

  test("yields nothing for an empty file", async () => {
    expect(await entriesOf(fileHolding(""))).toEqual([]);
  });

  test("keeps carriage returns: only a newline ends a line", async () => {
    expect(await entriesOf(fileHolding("a\r\n"))).toEqual([{ kind: "line", offset: 0, bytes: bytes("a\r") }]);
  });

  test("begins where it is told to", async () => {
    expect(await entriesOf(fileHolding("one\ntwo\n"), 100, 4)).toEqual([
      { kind: "line", offset: 4, bytes: bytes("two") },
    ]);
    expect(await entriesOf(fileHolding("one\n"), 100, 4)).toEqual([]);
  });

  test("refuses a file that ends before the place to begin: it was cut", async () => {
    await expect(entriesOf(fileHolding("one\n"), 100, 5)).rejects.toMatchObject(refusal("FILE_CONFLICT"));
  });

  test("gives bytes that stay what they are while reading goes on", async () => {
    const path = fileHolding(`${"a".repeat(60_000)}\n${"b".repeat(60_000)}\n${"c".repeat(60_000)}\n`);
    const entries = await entriesOf(path);
    expect(
      entries.map((entry) => entry.kind === "line" && String.fromCharCode(entry.bytes[59_999] ?? 0)),
    ).toEqual(["a", "b", "c"]);
  });
});

describe("a torn tail", () => {
  test("is a last line without newline", async () => {
    expect((await entriesOf(fileHolding("one\ntw"))).at(-1)).toEqual({
      kind: "torn",
      offset: 4,
      length: 2,
      reason: "unterminated",
    });
  });

  test("is a line with a NUL byte and everything after it", async () => {
    expect(await entriesOf(fileHolding("one\ntw\0o\nthree\n"))).toEqual([
      { kind: "line", offset: 0, bytes: bytes("one") },
      { kind: "torn", offset: 4, length: 11, reason: "nul" },
    ]);
  });

  test("may be the whole file", async () => {
    expect(await entriesOf(fileHolding("\0"))).toEqual([
      { kind: "torn", offset: 0, length: 1, reason: "nul" },
    ]);
  });

  test("may be longer than any line", async () => {
    const hole = new Uint8Array(300_000);
    expect(await entriesOf(fileHolding(hole), 10)).toEqual([
      { kind: "torn", offset: 0, length: 300_000, reason: "nul" },
    ]);
    const junk = new Uint8Array(300_000).fill(65);
    expect(await entriesOf(fileHolding(junk), 10)).toEqual([
      { kind: "torn", offset: 0, length: 300_000, reason: "unterminated" },
    ]);
    junk[299_999] = 0;
    expect(await entriesOf(fileHolding(junk), 10)).toEqual([
      { kind: "torn", offset: 0, length: 300_000, reason: "nul" },
    ]);
  });
});

describe("a line that is too long", () => {
  test.each([11, 65_536, 65_537, 131_072, 200_000])(
    "of %i bytes is refused when 10 are allowed",
    async (length) => {
      const path = fileHolding(`ok\n${"x".repeat(length)}\nok\n`);
      await expect(entriesOf(path, 10)).rejects.toMatchObject(
        refusal("FILE_LINE_TOO_LONG", { retryable: false }),
      );
    },
  );

  test("of exactly the limit passes", async () => {
    for (const length of [10, 65_535, 65_536, 65_537, 131_072]) {
      const [line] = await entriesOf(fileHolding(`${"x".repeat(length)}\n`), length);
      expect(line?.kind === "line" && line.bytes.length).toBe(length);
    }
  });
});

test("a file that is cut while it is read is refused", async () => {
  const path = fileHolding(`${"x".repeat(99)}\n`.repeat(2000));
  const reading = async (): Promise<void> => {
    for await (const entry of readLines(path, { maxLineBytes: 100 }))
      if (entry.offset === 0) truncateSync(path, 1000);
  };
  await expect(reading()).rejects.toMatchObject(refusal("FILE_CONFLICT"));
});

test.skipIf(process.platform !== "linux")(
  "a consumer that stops early leaves no descriptor behind",
  async () => {
    const path = fileHolding("one\ntwo\n");
    const before = readdirSync("/proc/self/fd").length;
    for (let round = 0; round < 50; round += 1) {
      for await (const entry of readLines(path, { maxLineBytes: 10 })) if (entry.kind === "line") break;
    }
    expect(readdirSync("/proc/self/fd").length).toBeLessThan(before + 50);
  },
);

test.each([
  { maxLineBytes: 0 },
  { maxLineBytes: 1.5 },
  { maxLineBytes: 10, from: -1 },
  { maxLineBytes: 10, from: Number.NaN },
])("refuses the options %j", async (options) => {
  await expect(readLines("/nowhere", options).next()).rejects.toThrow(RangeError);
});
