import type { Decision, DecisionRequest } from "@symbiont/kit";

/** One request and the decision that is expected of it. */
export interface PolicyCase {
  readonly name: string;
  readonly request: DecisionRequest;
  readonly expect: ExpectedDecision;
}

/** What is expected; members that are absent are not compared. */
export interface ExpectedDecision {
  readonly effect: Decision["effect"];
  readonly code?: string;
  /** Ids of all rules that determine the effect, in order. */
  readonly rules?: readonly string[];
  /** Role whose approval is asked for. */
  readonly role?: string;
}
