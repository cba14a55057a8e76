import type {
  AuditRule,
  CompiledRule,
  CompiledRules,
  OperationRule,
  RequireRule,
} from "../compile/compiled-rule.ts";
import { Failure } from "../evaluate/failure.ts";
import type { RuleExplanation } from "./decision.ts";
import { isInScope, type OpenRequest, openRequest } from "./open-request.ts";
import type { PolicyRequest } from "./request.ts";

type Outcome = Pick<RuleExplanation, "outcome" | "reason">;

/** Evaluates every rule by itself, each with an operation budget of its own, and says what became of it. */
export function explainRules(rules: CompiledRules, request: PolicyRequest): readonly RuleExplanation[] {
  const explained = [
    ...rules.operations.map((rule) => explain(rule, request, explainOperation)),
    ...rules.requires.map((rule) => explain(rule, request, explainRequire)),
    ...rules.audits.map((rule) => explain(rule, request, explainAudit)),
  ];
  return explained.sort((a, b) => a.ordinal - b.ordinal).map(({ explanation }) => explanation);
}

function explain<R extends CompiledRule>(
  rule: R,
  request: PolicyRequest,
  outcomeOf: (rule: R, open: OpenRequest) => Outcome,
): { readonly ordinal: number; readonly explanation: RuleExplanation } {
  const { id, ordinal, action, file, line, column } = rule;
  const open = openRequest(request);
  const outcome: Outcome = isInScope(rule.container, open)
    ? outcomeOf(rule, open)
    : { outcome: "other_container" };
  return { ordinal, explanation: { rule: id, action, file, line, column, ...outcome } };
}

function explainOperation({ tests }: OperationRule, { operation, frame }: OpenRequest): Outcome {
  const test = tests.get(operation) ?? tests.get(undefined);
  return test === undefined ? { outcome: "other_operation" } : explainResult(test(frame));
}

function explainRequire({ guard, check }: RequireRule, { frame, given }: OpenRequest): Outcome {
  const result = guard(frame);
  if (result === false) return { outcome: "guard_false" };
  const reason = result instanceof Failure ? { reason: result.reason } : {};
  const want = check(frame, given);
  if (want === undefined) return { outcome: "met", ...reason };
  if (want.kind === "approval") return { outcome: "approval_needed", reason: want.role };
  return { outcome: "unmet", ...(want.key === undefined ? reason : { reason: want.key }) };
}

function explainAudit({ guard }: AuditRule, { frame }: OpenRequest): Outcome {
  return explainResult(guard(frame));
}

function explainResult(result: boolean | Failure): Outcome {
  if (result instanceof Failure) return { outcome: "guard_error", reason: result.reason };
  return { outcome: result ? "fired" : "guard_false" };
}
