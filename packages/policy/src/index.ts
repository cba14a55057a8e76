export { parsePolicyCases } from "./cases/parse-policy-cases.ts";
export type { ExpectedDecision, PolicyCase } from "./cases/policy-case.ts";
export { type PolicyCaseReport, type PolicyCaseResult, runPolicyCases } from "./cases/run-policy-cases.ts";
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
export { type LayeredSources, PolicyLayers, type PolicyLayersOptions } from "./layers/policy-layers.ts";
export type { LintFinding, LintId } from "./lint/lint-finding.ts";
export { type LintPoliciesOptions, lintPolicies } from "./lint/lint-policies.ts";
export {
  type CombineDecisionsOptions,
  type CombinedEngine,
  combineDecisions,
} from "./modes/combine-decisions.ts";
export { enforceDecision } from "./modes/enforce-decision.ts";
export { type DecisionDifference, type ShadowOptions, shadowDecisions } from "./modes/shadow-decisions.ts";
export {
  type DecisionFlip,
  type RecordedDecision,
  type SimulationReport,
  simulateDecisions,
} from "./modes/simulate-decisions.ts";
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
