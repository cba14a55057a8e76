import type { DecisionRequest, JsonObject, JsonValue } from "@symbiont/kit";
import { compilePolicies, type Explanation, parsePolicies, parsePolicyCases } from "@symbiont/policy";
import { readJson } from "../../program/read-input.ts";
import type { Answer, Task } from "../../program/task.ts";
import { readPolicyFiles } from "./policy-files.ts";

/** `policy explain`. */
export async function explainDecision(
  { request: file }: { readonly request: string },
  task: Task,
  folder = "",
): Promise<Answer> {
  const request = readRequest(await readJson(file, task), file);
  const sources = await readPolicyFiles([folder], task);
  const set = compilePolicies(sources.map(({ file: name, source }) => parsePolicies(source, { file: name })));
  const explanation = set.explain(toPolicyRequest(request));
  const { decision, rules } = explanation;
  return {
    data: toJson(explanation),
    lines: [
      [
        decision.effect === "allow" ? "ok" : "bad",
        `${decision.effect}  ${decision.code}: ${decision.detail}`,
      ],
      ...rules.map(({ rule, file: place, line, action, outcome, reason = "" }) =>
        `  ${place}:${line} ${rule} ${action}: ${outcome} ${reason}`.trimEnd(),
      ),
    ],
    no: decision.effect !== "allow",
  };
}

/** Reads a request as the cases of `policy test` have it, so that one can be copied from there. */
function readRequest(request: JsonValue, file: string): DecisionRequest {
  const one = { cases: [{ name: "request", request, expect: { effect: "allow" } }] };
  const [read] = parsePolicyCases(JSON.stringify(one), { file });
  if (read === undefined) throw new TypeError("there is no request");
  return read.request;
}

/** As the decision point of `@symbiont/policy` asks its rules. */
function toPolicyRequest({ principal, action, resource, context, approvals }: DecisionRequest) {
  const facts = context as JsonObject;
  const { subjects } = facts;
  const agent = principal.kind === "agent" ? { agent: principal } : {};
  return {
    op: action,
    subjects: Array.isArray(subjects) ? subjects : [resource.id],
    scope: { resource, context, ...facts, principal, ...agent },
    ...(principal.kind === "agent" && { agent: principal.id }),
    ...(approvals !== undefined && { approvals }),
  };
}

function toJson({ decision, rules }: Explanation): JsonValue {
  const { effect, code, reason, detail } = decision;
  return {
    effect,
    code,
    reason,
    detail,
    rules: rules.map(({ rule, action, file, line, outcome, reason: why }) => ({
      rule,
      action,
      file,
      line,
      outcome,
      reason: why ?? null,
    })),
  };
}
