import { parsePolicies } from "@symbiont/policy";
import { expect, test } from "vitest";
import { growthExponent } from "../../../../scripts/testing/growth.ts";

const SIZES = [4_000, 16_000, 64_000, 240_000];

test.each<[string, (size: number) => string]>([
  ["rules", (size) => `policy p {\n${'allow: read(f) if f.a == "b"\n'.repeat(size / 120)}}`],
  ["comments", (size) => `${"// comment\n".repeat(size / 11)}policy p { }`],
  ["spaces", (size) => `policy p { ${" \t\r\n".repeat(size / 4)} }`],
  ["one string in a body to skip", (size) => `metadata { a = "${"x".repeat(Math.min(size, 60_000))}" }`],
  ["brackets to skip", (size) => `metadata ${"{".repeat(size / 2)}${"}".repeat(size / 2)}`],
  ["mistakes", (size) => `policy p { ${"allow: a and b\n".repeat(size / 15)} }`],
  ["an unclosed string", (size) => `policy p { allow: "${"x".repeat(size)}`],
  ["names", (size) => `metadata { ${"policy ".repeat(size / 7)} }`],
])("time grows no faster than the text: %s", (_, make) => {
  const exponent = growthExponent(
    SIZES,
    (size) => {
      const source = make(size);
      return () => {
        try {
          parsePolicies(source);
        } catch {
          // Refusing must be as quick as accepting.
        }
      };
    },
    (run) => run(),
  );
  expect(exponent).toBeLessThan(1.5);
});
