import type { Decision, JsonValue } from "@symbiont/kit";
import type { RuleAction } from "../parse/ast.ts";

/** What an `audit` rule asks of whoever records the decision. */
export interface AuditObligation {
  /** Id of the rule. */
  readonly rule: string;
  /** Its settings; a bare name is a setting that is true, and null is one that could not be evaluated. */
  readonly settings: Readonly<Record<string, JsonValue>>;
}

/** The answer of a policy set. */
export interface PolicyDecision extends Decision {
  /** Id of the first rule that determined the effect; absent when none did. */
  readonly rule?: string;
  /** Why, in terms of the rules and the data. For logs; never for the model. */
  readonly detail: string;
  /** From every `audit` rule that applies, whatever the effect. */
  readonly obligations: readonly AuditObligation[];
  /** Digest of the set that decided; absent when there is none yet. */
  readonly policySet?: string;
  readonly engine: "symbi";
}

/** What became of one rule. */
export type RuleOutcome =
  | "fired"
  | "other_operation"
  | "other_container"
  | "guard_false"
  | "guard_error"
  | "met"
  | "unmet"
  | "approval_needed";

/** One rule in an {@link Explanation}. */
export interface RuleExplanation {
  readonly rule: string;
  readonly action: RuleAction;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly outcome: RuleOutcome;
  /** Why a condition had no value, or which requirement is not met. */
  readonly reason?: string;
}

/** A decision and what every rule of the set had to do with it. For people; not for the hot path. */
export interface Explanation {
  readonly decision: PolicyDecision;
  readonly rules: readonly RuleExplanation[];
}
