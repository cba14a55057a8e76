import { canonicalJson } from "@symbiont/kit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scanRecord } from "../src/verify/scan-record.ts";

const FIELDS = ["v", "seq", "prev", "ts", "type", "out", "of"] as const;

/** What the slow way makes of a line: undefined when it is not the canonical form of an object. */
function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(line) as Record<string, unknown>;
    return canonicalJson(value) === line && line.startsWith("{") ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The fast way may leave a line to the slow one, and must never say anything else than that. */
function expectAgreement(bytes: Uint8Array): boolean {
  const scanned = scanRecord(Buffer.from(bytes));
  if (scanned === undefined) return false;
  const value = parsed(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  expect(value).toBeDefined();
  for (const name of FIELDS) {
    const member = value?.[name];
    const kept = typeof member === "string" || typeof member === "number" ? member : undefined;
    expect(scanned[name]).toBe(kept);
  }
  return true;
}

const name = fc.oneof(fc.constantFrom(...FIELDS, "data", "", "__proto__", "a", "é"), fc.string());
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary-ascii" }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("any"), { maxLength: 4 }),
    tie("object"),
  ),
  object: fc.dictionary(name, tie("any"), { maxKeys: 8 }),
}));

describe("a line that is scanned", () => {
  test("is what parsing and writing it again says, whatever was recorded", () => {
    let scanned = 0;
    fc.assert(
      fc.property(value.object, (record) => {
        let line: string;
        try {
          line = canonicalJson(record);
        } catch {
          return;
        }
        if (expectAgreement(Buffer.from(line))) scanned += 1;
      }),
      { numRuns: 5_000 },
    );
    expect(scanned).toBeGreaterThan(500);
  });

  test("is what parsing and writing it again says, with a byte changed, removed or put in", () => {
    const line = canonicalJson({
      act: "a::b",
      actor: { id: "a", kind: "agent" },
      data: { list: [1, -2, [], {}, null, true], text: "é" },
      of: 1,
      out: "info",
      prev: "0".repeat(64),
      seq: 12,
      ts: "2026-01-01T00:00:00.000Z",
      type: "t",
      v: 1,
    });
    const bytes = Buffer.from(line);
    expect(expectAgreement(bytes)).toBe(true);
    const interesting = [...Buffer.from('"\\,:{}[]0-9e. \n\0_tn'), 0x7f, 0x80, 0xc3, 0xed, 0xff];
    for (let at = 0; at < bytes.length; at += 1) {
      expectAgreement(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]));
      for (const byte of interesting) {
        const changed = Buffer.from(bytes);
        changed[at] = byte;
        expectAgreement(changed);
        expectAgreement(Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at)]));
      }
    }
  });

  test.each([
    ['{"a":1,"a":2}', "a name twice"],
    ['{"b":1,"a":2}', "names out of order"],
    ['{"aa":1,"a":2}', "a longer name first"],
    ['{"a":01}', "a leading zero"],
    ['{"a":-0}', "minus zero"],
    ['{"a":1.0}', "a fraction that is none"],
    ['{"a":1e3}', "an exponent"],
    ['{"a":9007199254740993}', "an integer that is not exact"],
    ['{"a":"\\u0061"}', "an escape that is not needed"],
    ['{"a":"\\ud800"}', "half a character"],
    ['{"__proto__":1}', "a name that no reader takes"],
    ['{"a":1} ', "a space"],
    ['{"a":1}{', "more after it"],
    ['{"a":tru}', "half a word"],
    ['["a"]', "an array"],
    ['"a"', "a string"],
    ["", "nothing"],
    ["{", "a brace"],
    [`{"a":${"[".repeat(70)}${"]".repeat(70)}}`, "too much nesting"],
  ])("%s is left to the parser: %s", (line) => {
    expect(scanRecord(Buffer.from(line))).toBeUndefined();
  });

  test("is not scanned beyond its end", () => {
    const longer = Buffer.from('{"a":1,"b":2}');
    expect(scanRecord(longer.subarray(0, 6))).toBeUndefined();
    expect(
      scanRecord(Buffer.from([...Buffer.from('{"a":"'), 0xc3, 0x28, ...Buffer.from('"}')])),
    ).toBeUndefined();
  });
});
