import { checkArguments } from "@symbiont/policy/arguments";
import { expect, test } from "vitest";
import { growthExponent } from "../../../../scripts/testing/growth.ts";

const SIZES = [2_000, 8_000, 32_000, 128_000];

test.each<[string, string, (size: number) => string]>([
  ["nested quantifiers", "^(a+)+$", (size) => `${"a".repeat(size)}!`],
  ["overlapping choices", "^(a|aa)+$", (size) => `${"a".repeat(size)}!`],
  ["three stars", "^.*a.*b.*c$", (size) => "ab".repeat(size / 2)],
  ["a search", "a+b", (size) => "a".repeat(size)],
])("time grows no faster than the text: pattern with %s", (_, pattern, make) => {
  const exponent = growthExponent(
    SIZES,
    (size) => {
      const input = { s: make(size) };
      return () => checkArguments(input, { properties: { s: { pattern } } });
    },
    (run) => void run(),
  );
  expect(exponent).toBeLessThan(1.5);
});

test.each<[string, (size: number) => string]>([
  [
    "members",
    (size) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: size / 12 }, (_, i) => [`name${i}`, i]))),
  ],
  ["elements", (size) => `{"a":[${"1,".repeat(size / 2)}1]}`],
])("time grows no faster than the text: %s", (_, make) => {
  const exponent = growthExponent(
    SIZES,
    (size) => {
      const text = make(size);
      return () => checkArguments(text, { additionalProperties: true });
    },
    (run) => void run(),
  );
  expect(exponent).toBeLessThan(1.5);
});
