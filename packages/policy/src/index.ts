export type { PolicyFunction } from "./compile/bindings.ts";
export { type CompilePoliciesOptions, compilePolicies } from "./compile/compile-policies.ts";
export type {
  AuditObligation,
  Explanation,
  PolicyDecision,
  RuleExplanation,
  RuleOutcome,
} from "./decide/decision.ts";
export {
  createDecisionPoint,
  type DecisionPointOptions,
  type PointDecision,
  type PolicyDecisionPoint,
} from "./decide/decision-point.ts";
export { PolicyHolder, type PolicyHolderOptions, type PolicySource } from "./decide/policy-holder.ts";
export type { PolicyEvaluator, PolicySet } from "./decide/policy-set.ts";
export type { PolicyRequest } from "./decide/request.ts";
export { type PolicyDiagnostic, PolicyError, type PolicyErrorCode } from "./error.ts";
export type { AssuranceComparator, AssuranceProvider } from "./evaluate/assurance.ts";
export { Duration } from "./evaluate/duration.ts";
export { formatPolicies } from "./format/format-policies.ts";
export type { LintFinding, LintId } from "./lint/lint-finding.ts";
export { type LintPoliciesOptions, lintPolicies } from "./lint/lint-policies.ts";
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
} from "./parse/ast.ts";
export { type ParsePoliciesOptions, parsePolicies } from "./parse/parse-policies.ts";
export { locate, type Position } from "./parse/position.ts";
