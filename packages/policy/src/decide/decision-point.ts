import type { Decision, DecisionPoint, DecisionRequest } from "@symbiont/kit";
import { isPlainObject } from "../evaluate/value.ts";
import type { PolicyDecision } from "./decision.ts";
import type { PolicyEvaluator } from "./policy-set.ts";
import type { PolicyRequest } from "./request.ts";

/** Options of {@link createDecisionPoint}. */
export interface DecisionPointOptions {
  /**
   * Actions that are allowed when no rule says anything about them, for example `["respond", "terminate"]`, with
   * code `default`. A tool of the same name would pass as well, so no name is on it by itself. Default none.
   */
  readonly allowByDefault?: readonly string[];
}

/** What the decision point answers: a {@link PolicyDecision}, unless it could not even ask. */
export type PointDecision = Decision & Partial<Pick<PolicyDecision, "rule" | "detail" | "obligations">>;

/** A decision point that answers at once. */
export interface PolicyDecisionPoint extends DecisionPoint {
  decide(request: DecisionRequest): PointDecision;
}

/**
 * Puts a policy set (or a holder of one) behind the port that gates ask.
 *
 * | in a rule | comes from |
 * |---|---|
 * | operation | `action` |
 * | parameters of the target | `context.subjects`, else the id of the resource |
 * | any other name | the member of `context` of that name |
 * | `principal`, `agent` | the principal: `id`, `kind`, `roles`, `attributes`; `agent` only if it is one |
 * | `resource`, `context` | the resource and the whole context, unless the context has members of these names |
 * | `require` | `context.assurances`; `approvals` of the request itself, never of the context |
 * | `agent name { … }`, `channel name { … }` | the id of an agent principal, `context.channel` |
 *
 * So whoever fills the context vouches for it; a model's own words belong under a name of their own. The
 * decision point never throws: what goes wrong is a deny.
 *
 * @throws TypeError when `policies` evaluates nothing, as a policy folder of which no set was chosen: every call would be
 * denied, and nobody would know why.
 */
export function createDecisionPoint(
  policies: PolicyEvaluator,
  options: DecisionPointOptions = {},
): PolicyDecisionPoint {
  if (typeof (policies as Partial<PolicyEvaluator> | undefined)?.evaluate !== "function")
    throw new TypeError(
      "policies must be compiled policies or hold some; of a policy folder give what at() gives",
    );
  const allowByDefault = new Set(options.allowByDefault);
  return {
    decide(request) {
      try {
        const decision = policies.evaluate(toPolicyRequest(request));
        if (decision.code === "default" && allowByDefault.has(request.action)) return allowed(decision);
        return decision;
      } catch {
        return REFUSED;
      }
    },
  };
}

const REFUSED: PointDecision = Object.freeze({
  effect: "deny",
  code: "engine.request",
  reason: "the policy could not be evaluated",
  rules: Object.freeze([]),
  engine: "symbi",
});

function allowed(decision: PolicyDecision): PointDecision {
  return { ...decision, effect: "allow", reason: "allowed by default", detail: "allowed by default" };
}

function toPolicyRequest(request: DecisionRequest): PolicyRequest {
  const { principal, action, resource, context, approvals } = request;
  const facts = ownData(context);
  const { subjects, assurances, channel } = facts;
  const isAgent = principal.kind === "agent";
  const roots: Record<string, unknown> = { resource, context, ...facts, principal, agent: principal };
  if (!isAgent) delete roots["agent"];
  return {
    op: action,
    subjects: subjects === undefined ? [resource.id] : (subjects as readonly unknown[]),
    scope: roots,
    ...(assurances === undefined ? {} : { assurances: assurances as Record<string, unknown> }),
    ...(approvals === undefined ? {} : { approvals }),
    ...(isAgent ? { agent: principal.id } : {}),
    ...(typeof channel === "string" ? { channel } : {}),
  };
}

/** The members of the context that are plain data; a getter is not called, so what it stands for is missing. */
function ownData(context: object): Record<string, unknown> {
  if (!isPlainObject(context)) throw new TypeError("context must be a plain object");
  const data: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const name of Object.keys(context)) {
    const property = Object.getOwnPropertyDescriptor(context, name);
    if (property !== undefined && "value" in property) data[name] = property.value;
  }
  return data;
}
