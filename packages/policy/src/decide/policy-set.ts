import type { AuditRule, CompiledRule, CompiledRules } from "../compile/compiled-rule.ts";
import { type Plans, planOperations, type Step } from "../compile/plan.ts";
import { Failure } from "../evaluate/failure.ts";
import { OPERATION_BUDGET } from "../evaluate/frame.ts";
import {
  type Answer,
  allowAnswer,
  allowErrorAnswer,
  askAnswer,
  BAD_REQUEST,
  DEFAULT,
  denyAnswer,
  EXHAUSTED,
  unmetAnswer,
} from "./answer.ts";
import type { AuditObligation, Explanation, PolicyDecision } from "./decision.ts";
import { explainRules } from "./explain-rules.ts";
import { isInScope, type OpenRequest, openRequest } from "./open-request.ts";
import type { PolicyRequest } from "./request.ts";

/** Anything that answers policy requests: a set, or a holder of one. */
export interface PolicyEvaluator {
  /** Decides. Never throws: whatever goes wrong is a deny. */
  evaluate(request: PolicyRequest): PolicyDecision;
}

/** A compiled, immutable set of policies. */
export interface PolicySet extends PolicyEvaluator {
  /** `sha256:<hex>` over the canonical JSON of the sorted `[name, source]` pairs of the files. */
  readonly digest: string;
  /** Decides, and says of every rule what it had to do with the decision. */
  explain(request: PolicyRequest): Explanation;
}

const NO_OBLIGATIONS: readonly AuditObligation[] = Object.freeze([]);

/** The one implementation of {@link PolicySet}. */
export class CompiledPolicySet implements PolicySet {
  readonly digest: string;
  readonly #rules: CompiledRules;
  readonly #plans: Plans;

  constructor(rules: CompiledRules, digest: string) {
    this.digest = digest;
    this.#rules = rules;
    this.#plans = planOperations(rules);
  }

  evaluate(request: PolicyRequest): PolicyDecision {
    try {
      const open = openRequest(request);
      const found = this.#answer(open);
      const answer = open.frame.budget < 0 ? EXHAUSTED : found;
      open.frame.budget = OPERATION_BUDGET; // audit rules have their own, for they never change the decision
      return this.#decide(answer, oblige(this.#rules.audits, open));
    } catch {
      return this.#decide(BAD_REQUEST, NO_OBLIGATIONS);
    }
  }

  explain(request: PolicyRequest): Explanation {
    const decision = this.evaluate(request);
    return { decision, rules: decision.code === BAD_REQUEST.code ? [] : explainRules(this.#rules, request) };
  }

  /** Deny before unmet require before approval before allow, whatever the order of the rules. */
  #answer(open: OpenRequest): Answer {
    const plan = this.#plans.get(open.operation) ?? this.#plans.get(undefined);
    const denied = plan && findDeny(plan.denies, open);
    if (denied !== undefined) return denied;
    const wanted = this.#findWant(open);
    if (wanted?.effect === "deny") return wanted;
    const allowed = plan === undefined ? DEFAULT : findAllow(plan.allows, open);
    return allowed.effect === "allow" && wanted !== undefined ? wanted : allowed;
  }

  #findWant(open: OpenRequest): Answer | undefined {
    let unmet: [string, ...string[]] | undefined;
    let unmetKey: string | undefined;
    let asking: [string, ...string[]] | undefined;
    let role = "";
    for (const rule of this.#rules.requires) {
      if (!isInScope(rule.container, open) || rule.guard(open.frame) === false) continue;
      const want = rule.check(open.frame, open.given);
      if (want === undefined) continue;
      if (want.kind === "unmet") {
        if (unmet === undefined) unmetKey = want.key;
        unmet = append(unmet, rule.id);
      } else {
        if (asking === undefined) role = want.role;
        asking = append(asking, rule.id);
      }
    }
    if (unmet !== undefined) return unmetAnswer(unmet, unmetKey);
    return asking === undefined ? undefined : askAnswer(asking, role);
  }

  #decide(answer: Answer, obligations: readonly AuditObligation[]): PolicyDecision {
    // Written out because spreading the answer takes as long as everything else together.
    const { effect, code, rule, rules, reason, detail, role } = answer;
    const policySet = this.digest;
    const engine = "symbi";
    if (rule === undefined) return { effect, code, rules, reason, detail, obligations, policySet, engine };
    if (role === undefined)
      return { effect, code, rule, rules, reason, detail, obligations, policySet, engine };
    return { effect, code, rule, rules, role, reason, detail, obligations, policySet, engine };
  }
}

/** Adds to a list that is made only when something has to go into it. */
function append(ids: [string, ...string[]] | undefined, id: string): [string, ...string[]] {
  if (ids === undefined) return [id];
  ids.push(id);
  return ids;
}

function findDeny(steps: readonly Step[], open: OpenRequest): Answer | undefined {
  let rules: [string, ...string[]] | undefined;
  let failure: Failure | undefined;
  for (const { rule, test } of steps) {
    if (!isInScope(rule.container, open)) continue;
    const result = test(open.frame);
    if (result === false) continue;
    if (rules === undefined && result instanceof Failure) failure = result;
    rules = append(rules, rule.id);
  }
  return rules && denyAnswer(rules, failure);
}

function findAllow(steps: readonly Step[], open: OpenRequest): Answer {
  let rules: [string, ...string[]] | undefined;
  let failed: { readonly rule: CompiledRule; readonly failure: Failure } | undefined;
  for (const { rule, test } of steps) {
    if (!isInScope(rule.container, open)) continue;
    const result = test(open.frame);
    if (result === true) rules = append(rules, rule.id);
    else if (result instanceof Failure) failed ??= { rule, failure: result };
  }
  if (rules !== undefined) return allowAnswer(rules);
  return failed === undefined ? DEFAULT : allowErrorAnswer(failed.rule.id, failed.failure);
}

function oblige(audits: readonly AuditRule[], open: OpenRequest): readonly AuditObligation[] {
  if (audits.length === 0) return NO_OBLIGATIONS;
  const applying = audits.filter(
    (rule) => isInScope(rule.container, open) && rule.guard(open.frame) !== false,
  );
  return applying.map((rule) => rule.oblige(open.frame));
}
