import { compilePolicies, parsePolicies } from "@symbiont/policy";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { request, ruleText } from "../arbitraries.ts";
import { interpret } from "../interpreter.ts";

describe("the compiler and an interpreter that shares nothing with it", () => {
  test("agree on the effect, code and rule of random policies and requests", () => {
    const codes = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(ruleText, { minLength: 1, maxLength: 5 }), request, (rules, asked) => {
        const source = `policy p {\n${rules.join("\n")}\n}`;
        const file = parsePolicies(source);
        const decision = compilePolicies([file]).evaluate(asked);
        const { effect, code, rule } = decision;
        codes.set(code, (codes.get(code) ?? 0) + 1);
        expect({ effect, code, rule }).toEqual(interpret(file, asked));
      }),
      { numRuns: 4_000 },
    );
    // The comparison means something only if every kind of outcome occurs.
    for (const code of [
      "allow.rule",
      "deny.rule",
      "deny.guard_error",
      "default",
      "default.allow_guard_error",
    ]) {
      expect(codes.get(code) ?? 0, code).toBeGreaterThan(25);
    }
  });

  test("a decision never depends on the order of the rules", () => {
    fc.assert(
      fc.property(fc.array(ruleText, { minLength: 2, maxLength: 5 }), request, (rules, asked) => {
        const effect = (texts: readonly string[]) =>
          compilePolicies([parsePolicies(`policy p {\n${texts.join("\n")}\n}`)]).evaluate(asked).effect;
        expect(effect(rules.toReversed())).toBe(effect(rules));
      }),
      { numRuns: 1500 },
    );
  });

  test("adding a deny or require rule never turns a denial into anything else", () => {
    const restricting = ruleText.filter((rule) => !rule.startsWith("allow"));
    fc.assert(
      fc.property(fc.array(ruleText, { maxLength: 4 }), restricting, request, (rules, more, asked) => {
        const effect = (texts: readonly string[]) =>
          compilePolicies([parsePolicies(`policy p {\n${texts.join("\n")}\n}`)]).evaluate(asked).effect;
        if (effect(rules) === "deny") expect(effect([...rules, more])).toBe("deny");
      }),
      { numRuns: 1500 },
    );
  });
});
