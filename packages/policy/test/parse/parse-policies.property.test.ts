import { PolicyError, parsePolicies } from "@symbiont/policy";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ruleText } from "../arbitraries.ts";
import { legend } from "../legend.ts";
import { mutatedRule, parseOrRefuse } from "./mutations.ts";

describe("parsePolicies", () => {
  test("accepts or refuses any mutated rule, and throws nothing but a PolicyError", () => {
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(mutatedRule, (rule) => {
        if (parseOrRefuse(`policy p { ${rule} }`)) accepted += 1;
        else refused += 1;
      }),
      { numRuns: 30_000 },
    );
    expect(accepted).toBeGreaterThan(1000);
    expect(refused).toBeGreaterThan(1000);
  });

  test("accepts or refuses any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        parseOrRefuse(text);
        parseOrRefuse(`policy p { ${text} }`);
      }),
      { numRuns: 10_000 },
    );
  });

  test("white space and comments between tokens change nothing", () => {
    fc.assert(
      fc.property(ruleText, fc.constantFrom("\r\n", "\t", " # x\n", " // x\r\n", "\u00a0"), (rule, space) => {
        const plain = parsePolicies(`policy p { ${rule} }`);
        const spaced = parsePolicies(`policy p { ${rule.replaceAll(" ", space)} }`);
        expect(legend(spaced.policies)).toEqual(legend(plain.policies));
      }),
      { numRuns: 3000 },
    );
  });

  test("every diagnostic points into the text", () => {
    fc.assert(
      fc.property(mutatedRule, (rule) => {
        const source = `policy p {\n${rule}\n}`;
        try {
          parsePolicies(source);
        } catch (error) {
          const lines = source.split("\n");
          for (const { line, column } of (error as PolicyError).diagnostics) {
            expect(line).toBeGreaterThan(0);
            expect(line).toBeLessThanOrEqual(lines.length);
            expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
          }
        }
      }),
      { numRuns: 5000 },
    );
  });
});
