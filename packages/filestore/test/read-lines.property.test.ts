import { type FileEntry } from "@symbiont/filestore";
import fc from "fast-check";
import { expect, test } from "vitest";
import { entriesOf, fileHolding } from "./lines.ts";

/** The rule, written the slow way. */
function reference(content: Uint8Array): FileEntry[] {
  const entries: FileEntry[] = [];
  let start = 0;
  while (start < content.length) {
    const end = content.indexOf(10, start);
    const line = content.subarray(start, end < 0 ? content.length : end);
    if (line.includes(0) || end < 0) {
      const reason = line.includes(0) ? "nul" : "unterminated";
      entries.push({ kind: "torn", offset: start, length: content.length - start, reason });
      return entries;
    }
    entries.push({ kind: "line", offset: start, bytes: line });
    start = end + 1;
  }
  return entries;
}

const lineEnds = fc.constantFrom("\n", "\n", "\n", "\n\n", "\0", "\0\n", "");
const piece = fc.tuple(fc.constantFrom(0, 1, 5, 100, 32_768, 65_535, 65_536, 65_537, 70_000), lineEnds);

test("whatever a file holds, its lines and its tail are the ones of the rule", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const content = new TextEncoder().encode(
        pieces.map(([length, end]) => "é".repeat(length) + end).join(""),
      );
      const found = await entriesOf(fileHolding(content));
      expect(describe(found)).toEqual(describe(reference(content)));
    }),
    { numRuns: 150 },
  );
});

test("small files of arbitrary bytes too", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(0, 10, 10, 65, 66, 255), { maxLength: 30 }), async (codes) => {
      const content = Uint8Array.from(codes);
      expect(await entriesOf(fileHolding(content))).toEqual(reference(content));
    }),
    { numRuns: 300 },
  );
});

/** Large lines compare badly: their digest in words is enough. */
function describe(entries: readonly FileEntry[]): string[] {
  return entries.map((entry) =>
    entry.kind === "line"
      ? `${entry.offset} ${entry.bytes.length} ${Buffer.from(entry.bytes).toString("latin1").slice(-9)}`
      : `${entry.offset} torn ${entry.length} ${entry.reason}`,
  );
}
