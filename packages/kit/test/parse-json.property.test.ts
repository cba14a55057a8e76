import {
  canonicalJson,
  KitError,
  parseJson,
  parseJsonTree,
  SCHEMAPIN_V1,
  writeJsonTree,
} from "@symbiont/kit";
import fc from "fast-check";
import { expect, test } from "vitest";

const json = fc.jsonValue({ stringUnit: "binary", maxDepth: 6 });

/** Names that the strict parser refuses by design. */
function hasReservedName(text: string): boolean {
  return /"(?:__proto__|constructor|prototype)":/.test(text);
}

test("agrees with JSON.parse on everything JSON.stringify writes", () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = JSON.stringify(value);
      fc.pre(!hasReservedName(text));
      const wellFormed = !/\\ud[89a-f]/i.test(text);
      const safe = !/(?<![.\d])-?\d{16,}(?![.\de])/.test(text);
      if (wellFormed && safe) expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
    { numRuns: 2000 },
  );
});

test("accepts nothing that JSON.parse refuses, and throws nothing but KitError", () => {
  const fragments = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    '"a"',
    '"\\u0061"',
    "\\",
    "1",
    "-0",
    "1.5e3",
    "01",
    "true",
    "null",
    " ",
    "\n",
    "é",
    "\ud800",
    "__proto__",
    '"b":',
  );
  fc.assert(
    fc.property(fc.array(fragments, { maxLength: 14 }), (parts) => {
      const text = parts.join("");
      let accepted = true;
      try {
        parseJson(text);
      } catch (error) {
        expect(KitError.is(error)).toBe(true);
        accepted = false;
      }
      if (accepted) expect(() => JSON.parse(text) as unknown).not.toThrow();
    }),
    { numRuns: 20_000 },
  );
});

test("canonical text is a fixed point of parse and write", () => {
  fc.assert(
    fc.property(json, (value) => {
      let text: string;
      try {
        text = canonicalJson(value);
      } catch {
        return; // lone surrogates
      }
      fc.pre(!hasReservedName(text));
      expect(canonicalJson(parseJson(text, { unsafeIntegers: "round" }))).toBe(text);
      const tree = parseJsonTree(text);
      const again = writeJsonTree(tree, SCHEMAPIN_V1);
      expect(writeJsonTree(parseJsonTree(again), SCHEMAPIN_V1)).toBe(again);
    }),
    { numRuns: 2000 },
  );
});

test("member order and white space never change the canonical text", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.integer(), { maxKeys: 30 }),
      fc.infiniteStream(fc.nat()),
      (members, random) => {
        fc.pre(!Object.hasOwn(members, "__proto__")); // refused, whatever the order
        const entries = Object.entries(members);
        const shuffled = entries
          .map((entry) => ({ entry, rank: random.next().value as number }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ entry }) => entry);
        expect(canonicalJson(Object.fromEntries(shuffled))).toBe(canonicalJson(members));
      },
    ),
  );
});
