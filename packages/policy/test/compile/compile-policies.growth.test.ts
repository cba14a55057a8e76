import { compilePolicies, lintPolicies, parsePolicies } from "@symbiont/policy";
import { expect, test } from "vitest";
import { growthExponent } from "../../../../scripts/testing/growth.ts";

const SIZES = [150, 600, 2400];

const makeFile = (rules: number) =>
  parsePolicies(
    `policy p {\n${Array.from({ length: rules }, (_, index) => `allow: tool_${index}(f) if f.a == ${index}`).join("\n")}\n}`,
  );

test("compiling grows no faster than the number of rules", () => {
  const exponent = growthExponent(
    SIZES,
    (rules) => {
      const file = makeFile(rules);
      return () => compilePolicies([file]);
    },
    (run) => run(),
  );
  expect(exponent).toBeLessThan(1.5);
});

test("deciding does not grow with the number of rules for other operations", () => {
  const exponent = growthExponent(
    SIZES,
    (rules) => {
      const set = compilePolicies([makeFile(rules)]);
      return () => {
        for (let call = 0; call < 2000; call += 1) set.evaluate({ op: "tool_100", subjects: [{ a: 100 }] });
      };
    },
    (run) => run(),
    0.3,
  );
  expect(exponent).toBeLessThan(0.5);
});

test("linting a full file ends", () => {
  expect(lintPolicies([makeFile(2400)])).toEqual([]);
});
