import { canonicalJson, type JsonObject } from "@symbiont/kit";
import { AMBIGUOUS_WHEN_EMPTY, CONSTRAINTS } from "./constraint-rules.ts";

/** The constraints that hold, or the reason why the claimed ones are not within the declared ones. */
export type ConstraintsOutcome =
  | { readonly effective: JsonObject | undefined }
  | { readonly problem: string };

/**
 * Step 9: compares what a credential claims with what its agent's document declares. A member that only one of them
 * has holds as it is. What cannot be read or compared refuses, except that a constraint unknown to the protocol passes
 * when both say the same: enforcing any of them is the host's business.
 */
export function checkConstraints(
  claimed: JsonObject | undefined,
  declared: JsonObject | undefined,
): ConstraintsOutcome {
  if (claimed === undefined)
    return declared === undefined ? { effective: undefined } : declaredAlone(declared);
  return compare(claimed, declared);
}

/** What documents declare is the same for every credential that claims nothing of its own. */
const outcomes = new WeakMap<JsonObject, ConstraintsOutcome>();

function declaredAlone(declared: JsonObject): ConstraintsOutcome {
  const known = outcomes.get(declared);
  if (known !== undefined) return known;
  const outcome = compare({}, declared);
  outcomes.set(declared, outcome);
  return outcome;
}

function compare(claimed: JsonObject, declared: JsonObject | undefined): ConstraintsOutcome {
  const effective: JsonObject = { ...declared, ...claimed };
  for (const name of Object.keys(effective)) {
    const problem = problemOf(name, own(claimed, name), own(declared, name));
    if (problem !== undefined) return { problem };
  }
  return { effective };
}

function problemOf(name: string, claimed: unknown, declared: unknown): string | undefined {
  for (const value of [claimed, declared])
    if (AMBIGUOUS_WHEN_EMPTY.has(name) && Array.isArray(value) && value.length === 0) return `${name}_empty`;
  const judge = CONSTRAINTS.get(name);
  if (judge !== undefined) return judge(claimed, declared) === "within" ? undefined : name;
  const comparable = claimed === undefined || declared === undefined;
  return comparable || canonicalJson(claimed) === canonicalJson(declared) ? undefined : "constraint_unknown";
}

function own(constraints: JsonObject | undefined, name: string): unknown {
  return constraints !== undefined && Object.hasOwn(constraints, name) ? constraints[name] : undefined;
}
