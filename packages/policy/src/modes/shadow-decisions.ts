import type { AuditSink, Decision, DecisionPoint, DecisionRequest } from "@symbiont/kit";
import { decideSafely } from "./enforce-decision.ts";

/** One request that two decision points judge differently. */
export interface DecisionDifference {
  readonly request: DecisionRequest;
  readonly enforced: Decision;
  readonly candidate: Decision;
}

/** Options of {@link shadowDecisions}. */
export interface ShadowOptions {
  /** Where differences are recorded, as `policy.shadow`. Default nowhere. */
  readonly audit?: AuditSink;
  /** Told of every difference. A throw is ignored. Default none. */
  readonly onDifference?: (difference: DecisionDifference) => void;
  /** Most requests that the candidate may be busy with; others are not shown to it. Default 100. */
  readonly maxPending?: number;
}

/**
 * Enforces one decision point and shows every request to a candidate as well. Differences in the effect are
 * recorded; nothing that the candidate answers, throws or leaves open reaches the caller, and nobody waits for it.
 */
export function shadowDecisions(
  enforced: DecisionPoint,
  candidate: DecisionPoint,
  options: ShadowOptions = {},
): DecisionPoint {
  const { maxPending = 100 } = options;
  let pending = 0;
  const compare = async (request: DecisionRequest, decision: Decision): Promise<void> => {
    if (pending >= maxPending) return;
    pending += 1;
    // After the caller has gone on: a candidate that computes for long delays nobody.
    await new Promise((resolve) => setTimeout(resolve, 0));
    try {
      const other = await decideSafely(candidate, request);
      if (other.effect !== decision.effect)
        await report({ request, enforced: decision, candidate: other }, options);
    } catch {
      // The candidate and those who watch it have no say.
    } finally {
      pending -= 1;
    }
  };
  return {
    decide(request) {
      const decision = enforced.decide(request);
      if (decision instanceof Promise) {
        return decision.then((settled) => {
          void compare(request, settled);
          return settled;
        });
      }
      void compare(request, decision);
      return decision;
    },
  };
}

async function report(difference: DecisionDifference, { audit, onDifference }: ShadowOptions): Promise<void> {
  const { request, enforced, candidate } = difference;
  const { kind, id } = request.principal;
  // Only after the audit record, so that a listener that throws does not cost it.
  await audit?.append({
    type: "policy.shadow",
    outcome: "info",
    actor: { kind, id },
    action: request.action,
    resource: request.resource,
    data: {
      enforced: { effect: enforced.effect, code: enforced.code },
      candidate: { effect: candidate.effect, code: candidate.code, rules: [...candidate.rules] },
    },
  });
  onDifference?.(difference);
}
