import type { CompiledRules, OperationRule, Test } from "./compiled-rule.ts";

/** A rule and its test for one operation. */
export interface Step {
  readonly rule: OperationRule;
  readonly test: Test;
}

/** The allow and deny rules that can concern one operation, in order. */
export interface Plan {
  readonly denies: readonly Step[];
  readonly allows: readonly Step[];
}

/** The plan of each operation that is named somewhere, and under undefined that of all others. */
export type Plans = ReadonlyMap<string | undefined, Plan>;

/** Sorts rules by operation, so that a decision looks only at those that can matter. */
export function planOperations({ operations }: CompiledRules): Plans {
  const plans = new Map<string | undefined, { denies: Step[]; allows: Step[] }>([
    [undefined, { denies: [], allows: [] }],
  ]);
  for (const { tests } of operations) {
    for (const name of tests.keys()) if (!plans.has(name)) plans.set(name, { denies: [], allows: [] });
  }
  for (const rule of operations) {
    const elsewhere = rule.tests.get(undefined);
    const names = elsewhere === undefined ? rule.tests.keys() : plans.keys();
    for (const name of names) {
      const test = rule.tests.get(name) ?? elsewhere;
      const plan = plans.get(name);
      if (test === undefined || plan === undefined) continue;
      (rule.action === "deny" ? plan.denies : plan.allows).push({ rule, test });
    }
  }
  return plans;
}
