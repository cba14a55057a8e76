import type { Decision, DecisionPoint } from "@symbiont/kit";
import { decideSafely } from "../modes/enforce-decision.ts";
import type { ExpectedDecision, PolicyCase } from "./policy-case.ts";

/** What became of one case. */
export interface PolicyCaseResult {
  readonly name: string;
  readonly passed: boolean;
  /** One line for each member that is not as expected, for example `effect: expected deny, got allow`. */
  readonly differences: readonly string[];
  readonly decision: Decision;
}

/** What became of all cases. */
export interface PolicyCaseReport {
  readonly passed: number;
  readonly failed: number;
  readonly results: readonly PolicyCaseResult[];
}

/**
 * Asks a decision point every case and compares the answers with what is expected. Works with any engine. Give it
 * the decision point that is in force, built with the same options, and run it wherever tests run. There being no
 * cases is no success: look at the counts.
 */
export async function runPolicyCases(
  cases: readonly PolicyCase[],
  point: DecisionPoint,
): Promise<PolicyCaseReport> {
  const results: PolicyCaseResult[] = [];
  for (const { name, request, expect } of cases) {
    const decision = await decideSafely(point, request);
    const differences = compare(expect, decision);
    results.push({ name, passed: differences.length === 0, differences, decision });
  }
  const passed = results.filter((result) => result.passed).length;
  return { passed, failed: results.length - passed, results };
}

function compare(expected: ExpectedDecision, actual: Decision): readonly string[] {
  const names = ["effect", "code", "rules", "role"] as const;
  return names.flatMap((name) => {
    const wanted = expected[name];
    if (wanted === undefined || show(wanted) === show(actual[name])) return [];
    return [`${name}: expected ${show(wanted)}, got ${show(actual[name])}`];
  });
}

function show(value: string | readonly string[] | undefined): string {
  if (value === undefined) return "nothing";
  return typeof value === "string" ? value : `[${value.join(", ")}]`;
}
