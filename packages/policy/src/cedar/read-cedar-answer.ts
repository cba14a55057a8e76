import type { Decision } from "@symbiont/kit";
import type { CedarPolicies } from "./cedar-policies.ts";

interface CedarAnswer {
  readonly type?: unknown;
  readonly response?: {
    readonly decision?: unknown;
    readonly diagnostics?: {
      readonly reason?: unknown;
      readonly errors?: readonly { readonly policyId?: unknown }[];
    };
  };
}

/** A deny that no policy is the reason of. */
export function refusal(code: string, policySet?: string): Decision {
  const reason = code === "default" ? "no rule allows this" : "the policy could not be evaluated";
  return decision("deny", code, reason, [], policySet);
}

/**
 * Reads Cedar's answer. Cedar skips a forbid whose condition has no value; here it denies. An answer of a shape that
 * nobody knows denies.
 */
export function readCedarAnswer(answer: unknown, { effects, digest }: CedarPolicies): Decision {
  const { type, response } = (answer ?? {}) as CedarAnswer;
  const rules = response?.diagnostics?.reason;
  const errors = response?.diagnostics?.errors;
  if (type !== "success" || !Array.isArray(rules) || !Array.isArray(errors))
    return refusal("engine.request", digest);
  const ids = (rules as readonly unknown[]).map(String);
  const failed = errors.map(({ policyId }: { readonly policyId?: unknown }) => String(policyId));
  // A policy that is not known by its effect could be a forbid.
  const forbids = failed.filter((id) => effects.get(id) !== "permit");
  if (forbids.length > 0) return denied("engine.forbid_error", forbids, digest);
  if (response?.decision === "allow" && ids.length > 0)
    return decision("allow", "allow.policy", `allowed by policy ${ids[0]}`, ids, digest);
  if (response?.decision !== "deny") return refusal("engine.request", digest);
  return ids.length === 0 ? refusal("default", digest) : denied("deny.policy", ids, digest);
}

function denied(code: string, rules: readonly string[], digest: string): Decision {
  return decision("deny", code, `denied by policy ${rules[0]}`, rules, digest);
}

function decision(
  effect: Decision["effect"],
  code: string,
  reason: string,
  rules: readonly string[],
  policySet: string | undefined,
): Decision {
  const known = policySet === undefined ? {} : { policySet };
  return { effect, code, reason, rules, ...known, engine: "cedar" };
}
