import type { Decision, DecisionPoint } from "@symbiont/kit";
import {
  createDecisionPoint,
  type PointDecision,
  type PolicyDecision,
  type PolicyErrorCode,
  PolicyHolder,
  type RuleOutcome,
} from "@symbiont/policy";
import { type ArgumentsCode, checkArguments } from "@symbiont/policy/arguments";
import { expectTypeOf } from "vitest";

expectTypeOf<PolicyErrorCode>().toEqualTypeOf<
  | "POLICY_SYNTAX"
  | "POLICY_TOO_LARGE"
  | "POLICY_INVALID"
  | "POLICY_CASES_INVALID"
  | "POLICY_DENIED"
  | "POLICY_APPROVAL_NEEDED"
>();
expectTypeOf<RuleOutcome>().toEqualTypeOf<
  | "fired"
  | "other_operation"
  | "other_container"
  | "guard_false"
  | "guard_error"
  | "met"
  | "unmet"
  | "approval_needed"
>();
expectTypeOf<ArgumentsCode>().toEqualTypeOf<
  | "args.not_json"
  | "args.not_object"
  | "args.duplicate_key"
  | "args.reserved_key"
  | "args.unsafe_integer"
  | "args.ill_formed_string"
  | "args.too_deep"
  | "args.too_large"
  | "args.unknown_tool"
  | "args.no_schema"
  | "args.bad_schema"
  | "args.unknown_property"
  | "args.schema"
>();
expectTypeOf<PolicyDecision>().toExtend<Decision>();

const point = createDecisionPoint(new PolicyHolder());
expectTypeOf(point).toExtend<DecisionPoint>();
expectTypeOf(point.decide).returns.toEqualTypeOf<PointDecision>();

const result = checkArguments("{}", null);
// Arguments can be reached only after looking at whether they are denied.
expectTypeOf(result).not.toHaveProperty("arguments");
