import { compilePolicies, type PolicyDecision, PolicyError, parsePolicies } from "@symbiont/policy";
import fc from "fast-check";
import { expect, test } from "vitest";
import { request, ruleText } from "../arbitraries.ts";
import { interpret } from "../interpreter.ts";
import { mutatedRule } from "./mutations.ts";

const MAX_MICROSECONDS = 50_000;

/** Processor time of the quickest of up to three runs: a pause of the machine is nobody's fault. */
function costOf(run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && least > MAX_MICROSECONDS; attempt += 1) {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, user + system);
  }
  return least;
}

function compileOrRefuse(source: string) {
  try {
    const file = parsePolicies(source);
    return { file, set: compilePolicies([file]) };
  } catch (error) {
    if (!PolicyError.is(error) || error.diagnostics.length === 0) throw error;
    return undefined;
  }
}

test("of a million mutated rules none crashes or takes 50 ms, and compiler and interpreter agree on all that are sound", {
  timeout: 1_800_000,
}, () => {
  let agreed = 0;
  fc.assert(
    fc.property(mutatedRule, request, (rule, asked) => {
      let compiled: ReturnType<typeof compileOrRefuse>;
      let decision: PolicyDecision | undefined;
      const cost = costOf(() => {
        compiled = compileOrRefuse(`policy p { ${rule} }`);
        decision = compiled?.set.evaluate(asked);
      });
      expect(cost).toBeLessThan(MAX_MICROSECONDS);
      if (compiled === undefined || decision === undefined) return;
      const { effect, code, rule: id } = decision;
      expect({ effect, code, rule: id }).toEqual(interpret(compiled.file, asked));
      agreed += 1;
    }),
    { numRuns: 1_000_000 },
  );
  expect(agreed).toBeGreaterThan(100_000);
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
