import { compilePolicies, parsePolicies } from "@symbiont/policy";
import fc from "fast-check";
import { expect, test } from "vitest";
import { request, ruleText } from "./arbitraries.ts";
import { interpret } from "./interpreter.ts";
import { mutatedRule, parseOrRefuse } from "./mutations.ts";

test("a million mutated rules are accepted or refused, and nothing but a PolicyError is thrown", () => {
  fc.assert(
    fc.property(mutatedRule, (rule) => {
      parseOrRefuse(`policy p { ${rule} }`);
    }),
    { numRuns: 1_000_000 },
  );
});

test("the compiler and the interpreter agree on 200,000 random policies", () => {
  fc.assert(
    fc.property(fc.array(ruleText, { minLength: 1, maxLength: 5 }), request, (rules, asked) => {
      const file = parsePolicies(`policy p {\n${rules.join("\n")}\n}`);
      const { effect, code, rule } = compilePolicies([file]).evaluate(asked);
      expect({ effect, code, rule }).toEqual(interpret(file, asked));
    }),
    { numRuns: 200_000 },
  );
});
