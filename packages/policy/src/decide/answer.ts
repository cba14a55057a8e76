import type { Failure } from "../evaluate/failure.ts";
import type { PolicyDecision } from "./decision.ts";

/** What a decision says before the set adds what is the same for all its decisions. */
export type Answer = Omit<PolicyDecision, "obligations" | "policySet" | "engine">;

/** The rules that determine an answer, the one that is reported first. */
export type RuleIds = readonly [string, ...string[]];

/** Some deny rules apply; `failure` is set when the first does because its condition has no value. */
export function denyAnswer(rules: RuleIds, failure: Failure | undefined): Answer {
  const [rule] = rules;
  const reason = `denied by rule ${rule}`;
  if (failure === undefined) {
    return { effect: "deny", code: "deny.rule", rule, rules, reason, detail: `rule ${rule} denies` };
  }
  const detail = `rule ${rule} denies because its condition has no value: ${failure.reason}`;
  return { effect: "deny", code: "deny.guard_error", rule, rules, reason, detail };
}

/** Some allow rules apply and nothing stands against them. */
export function allowAnswer(rules: RuleIds): Answer {
  const [rule] = rules;
  const reason = `allowed by rule ${rule}`;
  return { effect: "allow", code: "allow.rule", rule, rules, reason, detail: `rule ${rule} allows` };
}

/** No rule allows, and one of them only because its condition has no value. */
export function allowErrorAnswer(rule: string, failure: Failure): Answer {
  const detail = `rule ${rule} does not allow because its condition has no value: ${failure.reason}`;
  return { ...DEFAULT, code: "default.allow_guard_error", detail };
}

/** Some requirements are not met; `key` is the assurance that the first one lacks. */
export function unmetAnswer(rules: RuleIds, key: string | undefined): Answer {
  const [rule] = rules;
  const what = key === undefined ? "a condition" : key;
  return {
    effect: "deny",
    code: key === undefined ? "require.unmet" : `require.unmet:${key}`,
    rule,
    rules,
    reason: `a requirement of rule ${rule} is not met`,
    detail: `rule ${rule} requires ${what}, which nothing affirms as required`,
  };
}

/** Everything is met but the approval of a role. */
export function askAnswer(rules: RuleIds, role: string): Answer {
  const [rule] = rules;
  return {
    effect: "ask",
    code: `require.approval:${role}`,
    rule,
    rules,
    role,
    reason: `needs the approval of ${role}`,
    detail: `rule ${rule} requires the approval of ${role}`,
  };
}

/** Nothing speaks for the operation. */
export const DEFAULT: Answer = Object.freeze({
  effect: "deny",
  code: "default",
  rules: Object.freeze([]),
  reason: "no rule allows this",
  detail: "no rule allows this operation",
});

/** The operation budget is spent. */
export const EXHAUSTED: Answer = Object.freeze({
  effect: "deny",
  code: "deny.guard_error",
  rules: Object.freeze([]),
  reason: "the policy could not be evaluated",
  detail: "evaluation takes more operations than one decision may spend",
});

/** The request cannot be judged. */
export const BAD_REQUEST: Answer = Object.freeze({
  effect: "deny",
  code: "engine.request",
  rules: Object.freeze([]),
  reason: "the policy could not be evaluated",
  detail: "the request has not the shape of a policy request, or evaluating it threw an error",
});
