export type { AssuranceComparator, AssuranceProvider } from "./assurance.ts";
export type {
  Argument,
  BinaryOperator,
  Container,
  Expression,
  Field,
  PolicyBlock,
  PolicyFile,
  Rule,
  RuleAction,
} from "./ast.ts";
export type { PolicyFunction } from "./bindings.ts";
export { type CompilePoliciesOptions, compilePolicies } from "./compile-policies.ts";
export type {
  AuditObligation,
  Explanation,
  PolicyDecision,
  RuleExplanation,
  RuleOutcome,
} from "./decision.ts";
export {
  createDecisionPoint,
  type DecisionPointOptions,
  type PointDecision,
  type PolicyDecisionPoint,
} from "./decision-point.ts";
export { Duration } from "./duration.ts";
export { type PolicyDiagnostic, PolicyError, type PolicyErrorCode } from "./error.ts";
export type { LintFinding, LintId } from "./lint-finding.ts";
export { type LintPoliciesOptions, lintPolicies } from "./lint-policies.ts";
export { type ParsePoliciesOptions, parsePolicies } from "./parse-policies.ts";
export { PolicyHolder, type PolicyHolderOptions, type PolicySource } from "./policy-holder.ts";
export type { PolicyEvaluator, PolicySet } from "./policy-set.ts";
export { locate, type Position } from "./position.ts";
export type { PolicyRequest } from "./request.ts";
