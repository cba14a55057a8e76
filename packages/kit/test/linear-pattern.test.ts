import { compilePattern } from "@symbiont/kit/linear-pattern";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { growthExponent } from "../../../scripts/testing/growth.ts";

const matches = (source: string, text: string): boolean => compilePattern(source)(text, () => {});

describe("a pattern", () => {
  test.each([
    ["^a+$", "aaa", true],
    ["^a+$", "aab", false],
    ["fo{2,3}", "xfooox", true],
    ["[^a-c]", "abc", false],
    ["(?:ab|cd)e", "cde", true],
    ["\\p{Lu}", "é", false],
    ["\\bword\\b", "a word.", true],
    ["", "", true],
  ])("%s in %j: %s", (source, text, expected) => {
    expect(matches(source, text)).toBe(expected);
  });

  test.each(["(", "(a)\\1", "(?=a)", "(?<!a)b", "a".repeat(1001), "(?:a{99}){99}"])(
    "%s is refused",
    (source) => {
      expect(() => compilePattern(source)).toThrow(SyntaxError);
    },
  );

  test("matches where the runtime's own does", () => {
    const piece = fc.constantFrom(
      "a",
      "b",
      ".",
      "a*",
      "b+",
      "(?:a|b)",
      "[ab]",
      "a?",
      "^",
      "$",
      "(?:ab)*",
      "a{2}",
    );
    const pattern = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
    const text = fc.stringMatching(/^[abc]{0,8}$/);
    fc.assert(
      fc.property(pattern, text, (source, subject) => {
        expect(matches(source, subject)).toBe(new RegExp(source, "u").test(subject));
      }),
      { numRuns: 2_000 },
    );
  });

  test("that backtracks elsewhere takes linear time, and tells its steps", () => {
    const compiled = compilePattern("^(?:a+)+$");
    const exponent = growthExponent(
      [4_000, 8_000, 16_000, 32_000],
      (size) => `${"a".repeat(size)}b`,
      (text) => {
        compiled(text, () => {});
      },
    );
    expect(exponent).toBeLessThan(1.5);
    let steps = 0;
    compiled("aaab", (count) => {
      steps += count;
    });
    expect(steps).toBeGreaterThan(3);
  });
});
