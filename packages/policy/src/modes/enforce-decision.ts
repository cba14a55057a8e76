import type { Decision, DecisionPoint, DecisionRequest } from "@symbiont/kit";
import { PolicyError } from "../error.ts";

/**
 * Asks a decision point and lets only an allow through.
 *
 * @returns the decision, which allows.
 * @throws PolicyError `POLICY_DENIED`, or `POLICY_APPROVAL_NEEDED` when a person has to approve first; both carry
 * the `decision`. A decision point that throws, or answers with an effect that nobody knows, denies.
 */
export async function enforceDecision(point: DecisionPoint, request: DecisionRequest): Promise<Decision> {
  const decision = await decideSafely(point, request);
  if (decision.effect === "allow") return decision;
  const code = decision.effect === "ask" ? "POLICY_APPROVAL_NEEDED" : "POLICY_DENIED";
  throw new PolicyError(code, [], { decision });
}

/** Asks a decision point; a throw is a deny, and so is an answer that is none. */
export async function decideSafely(point: DecisionPoint, request: DecisionRequest): Promise<Decision> {
  try {
    return readDecision(await point.decide(request));
  } catch {
    return UNAVAILABLE;
  }
}

/** The decision, if it has an effect that somebody knows, and a deny if not. */
export function readDecision(decision: Decision): Decision {
  const { effect, code, rules } = decision;
  const isKnown = effect === "allow" || effect === "deny" || effect === "ask";
  return isKnown && typeof code === "string" && Array.isArray(rules) ? decision : PROTOCOL;
}

/** An engine that is missing, broken or silent. */
export const UNAVAILABLE: Decision = Object.freeze({
  effect: "deny",
  code: "engine.unavailable",
  reason: "the policy could not be evaluated",
  rules: Object.freeze([]),
});

/** An engine that answers with something else than a decision. */
export const PROTOCOL: Decision = Object.freeze({ ...UNAVAILABLE, code: "engine.protocol" });
