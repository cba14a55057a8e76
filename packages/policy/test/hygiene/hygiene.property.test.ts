import { cleanMarkup, cleanText } from "@symbiont/policy/hygiene";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { growthExponent } from "../../../../scripts/testing/growth.ts";

const piece = fc.oneof(
  fc.string({ unit: "binary", maxLength: 3 }),
  fc.constantFrom(
    "\u200c",
    "\u200d",
    "\ufe0f",
    "\u0301",
    "\u0336",
    "م",
    "क",
    "्",
    "👩",
    "🏳",
    "1",
    "\u20e3",
    "a",
    "\ud800",
  ),
  fc.constantFrom(
    "<!--",
    "-->",
    "<!-",
    "->",
    "<script>",
    "</script>",
    "<p hidden>",
    "</p>",
    "<",
    ">",
    "-",
    "!",
  ),
);
const text = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(""));

describe("cleaning", () => {
  test("a second time changes nothing, and what is left is composed and well-formed", () => {
    fc.assert(
      fc.property(text, (input) => {
        const { text: once } = cleanText(input);
        expect(cleanText(once)).toEqual({ text: once, removed: [], changed: false });
        expect(once.normalize("NFC")).toBe(once);
        expect(/\p{Cs}/u.test(once)).toBe(false);
      }),
      { numRuns: 20_000 },
    );
  });

  test("markup a second time changes nothing, and no comment is left", () => {
    fc.assert(
      fc.property(text, (input) => {
        const once = cleanMarkup(input);
        expect(cleanMarkup(once.text).text).toBe(once.text);
        expect(once.text).not.toContain("<!--");
      }),
      { numRuns: 10_000 },
    );
  });

  test("only counts what is gone", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (input) => {
        expect(cleanText(input)).toEqual({ text: input, removed: [], changed: false });
      }),
    );
  });
});

test.each<[string, (size: number) => string]>([
  ["joiners", (size) => "\u200d".repeat(size)],
  ["marks", (size) => `a${"\u0336".repeat(size)}`],
  ["openings", (size) => "<!--".repeat(size / 4)],
  ["half tags", (size) => "<p ".repeat(size / 3)],
  ["hidden elements", (size) => "<p hidden>".repeat(size / 10)],
  ["scripts", (size) => "<script>x</script>".repeat(size / 18)],
])("time grows no faster than the text: %s", (_, make) => {
  const exponent = growthExponent([4_000, 16_000, 64_000], make, (input) => void cleanMarkup(input));
  expect(exponent).toBeLessThan(1.5);
});
