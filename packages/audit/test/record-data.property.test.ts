import { canonicalJson } from "@symbiont/kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeRecord, recordLine } from "../src/journal/encoded-record.ts";
import { dataText } from "../src/record/data-text.ts";
import { record } from "./journal-fixtures.ts";

const LIMITS = { maxUnits: 65_535, maxDepth: 63 };

/** Anything at all, with what JSON cannot carry. */
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withBoxedValues: true,
  withNullPrototype: true,
  withObjectString: true,
});

test("plain data is written as canonical JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      fc.pre(!JSON.stringify(value).includes("__proto__")); // which canonical JSON refuses
      expect(dataText(value, LIMITS)).toBe(canonicalJson(value));
    }),
    { numRuns: 1_000 },
  );
});

test("anything becomes canonical JSON, and the same thing the same text", () => {
  fc.assert(
    fc.property(anything, (value) => {
      const text = dataText(value, LIMITS) ?? "null";
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(dataText(value, LIMITS) ?? "null").toBe(text);
    }),
    { numRuns: 1_000 },
  );
});

test("what is written never is longer than it may be, and is all or nothing", () => {
  fc.assert(
    fc.property(anything, fc.nat(200), (value, maxUnits) => {
      const cut = dataText(value, { ...LIMITS, maxUnits });
      expect(cut === undefined || (cut.length <= maxUnits && cut === dataText(value, LIMITS))).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test("a record of anything is a canonical line that fits", () => {
  const place = {
    sequence: 7,
    time: "2026-01-01T00:00:00.000Z",
    clamped: true,
    previous: "0".repeat(64),
    attempt: 3,
  };
  const large = fc.tuple(
    anything,
    fc.integer({ min: 1, max: 24 }),
    fc.string({ unit: "binary", minLength: 1 }),
  );
  fc.assert(
    fc.property(large, ([value, times, text]) => {
      const data = { list: Array.from({ length: times * 50 }, () => value), text: text.repeat(times * 900) };
      const action = text.repeat(times * times * 10);
      const line = recordLine(encodeRecord(record("a", { data: data as never, action })), place);
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(65_535);
      expect(canonicalJson(JSON.parse(line))).toBe(line);
    }),
    { numRuns: 100 },
  );
});
