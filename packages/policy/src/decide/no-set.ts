import type { PolicyDecision } from "./decision.ts";

/** The answer as long as no policy set has been accepted. */
export const NO_SET: PolicyDecision = Object.freeze({
  effect: "deny",
  code: "policy.parse",
  rules: Object.freeze([]),
  reason: "no policy is in force",
  detail: "no policy set has been accepted yet",
  obligations: Object.freeze([]),
  engine: "symbi",
});
