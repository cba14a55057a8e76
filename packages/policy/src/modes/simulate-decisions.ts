import type { Decision, DecisionPoint, DecisionRequest } from "@symbiont/kit";
import { decideSafely } from "./enforce-decision.ts";

/** A request of the past and what was decided then. */
export interface RecordedDecision {
  readonly request: DecisionRequest;
  readonly decision: Pick<Decision, "effect" | "code">;
}

/** A request that a candidate would decide otherwise. */
export interface DecisionFlip {
  /** Position among the recorded decisions, from 0. */
  readonly index: number;
  readonly request: DecisionRequest;
  readonly before: Pick<Decision, "effect" | "code">;
  readonly after: Decision;
}

/** What a candidate would have made of the past. */
export interface SimulationReport {
  readonly total: number;
  /** In the order of the past. At most `maxFlips`; `flipped` counts them all. */
  readonly flips: readonly DecisionFlip[];
  readonly flipped: number;
  /** How many went from which effect to which, for example `{ "allow -> deny": 3 }`. */
  readonly transitions: Readonly<Record<string, number>>;
}

/**
 * Replays recorded requests against a candidate and reports what would be decided otherwise. Changes nothing and
 * executes nothing; one request after the other.
 */
export async function simulateDecisions(
  recorded: Iterable<RecordedDecision> | AsyncIterable<RecordedDecision>,
  candidate: DecisionPoint,
  {
    maxFlips = 1000,
  }: {
    /** Default 1,000. */
    readonly maxFlips?: number;
  } = {},
): Promise<SimulationReport> {
  const flips: DecisionFlip[] = [];
  const transitions = new Map<string, number>();
  let total = 0;
  let flipped = 0;
  for await (const { request, decision } of recorded) {
    const after = await decideSafely(candidate, request);
    if (after.effect !== decision.effect) {
      flipped += 1;
      const transition = `${decision.effect} -> ${after.effect}`;
      transitions.set(transition, (transitions.get(transition) ?? 0) + 1);
      if (flips.length < maxFlips) flips.push({ index: total, request, before: decision, after });
    }
    total += 1;
  }
  return { total, flips, flipped, transitions: Object.fromEntries(transitions) };
}
