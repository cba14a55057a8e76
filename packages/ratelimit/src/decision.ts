import type { RateDecision } from "@symbiont/kit";
import type { RateLimitDenialCode } from "./errors.ts";
import { unitsLeft, waitFor } from "./gcra.ts";
import type { CompiledLimit, RateLimit } from "./limit.ts";

/** What one of several limits says about a key. */
export interface LimitState {
  readonly limit: RateLimit;
  /** False when this limit refuses. */
  readonly allowed: boolean;
  /** Whole units left. */
  readonly remaining: number;
  /** Milliseconds, rounded up; 0 when allowed, `Infinity` when the cost is above the capacity. */
  readonly retryAfterMs: number;
  /** Milliseconds until the whole capacity is there again, rounded up. */
  readonly resetAfterMs: number;
}

/** The request may go on and has been counted against every limit. */
export interface RateLimitAllowed extends RateDecision {
  readonly allowed: true;
  readonly retryAfterMs: 0;
  /** One per limit, in the order they were given. */
  readonly limits: readonly LimitState[];
}

/** The request is refused and has been counted against no limit. */
export interface RateLimitDenied extends RateDecision {
  readonly allowed: false;
  readonly code: RateLimitDenialCode;
  /** One per limit, in the order they were given; empty when the store did not answer. */
  readonly limits: readonly LimitState[];
}

/** Answer of a limiter. `remaining` is the least, `retryAfterMs` the longest of all limits. */
export type RateLimitDecision = RateLimitAllowed | RateLimitDenied;

/**
 * Words the outcome of an operation.
 *
 * @param times arrival times after the operation, one per limit, beginning at `position`.
 * @param refusedCost the cost that was refused, or -1 when the operation took place.
 */
export function describeDecision(
  limits: readonly CompiledLimit[],
  times: ArrayLike<number>,
  position: number,
  nowUs: number,
  refusedCost: number,
): RateLimitDecision {
  const first = limitState(limits[0] as CompiledLimit, (times[position] as number) - nowUs, refusedCost);
  const states = [first];
  let { remaining, retryAfterMs } = first;
  for (let index = 1; index < limits.length; index += 1) {
    const aheadUs = (times[position + index] as number) - nowUs;
    const state = limitState(limits[index] as CompiledLimit, aheadUs, refusedCost);
    states.push(state);
    if (state.remaining < remaining) remaining = state.remaining;
    if (state.retryAfterMs > retryAfterMs) retryAfterMs = state.retryAfterMs;
  }
  if (refusedCost < 0) return { allowed: true, remaining, retryAfterMs: 0, limits: states };
  const code =
    retryAfterMs === Number.POSITIVE_INFINITY ? "RATELIMIT_COST_EXCEEDS_CAPACITY" : "RATELIMIT_EXCEEDED";
  return { allowed: false, code, remaining, retryAfterMs, limits: states };
}

function limitState(compiled: CompiledLimit, aheadUs: number, refusedCost: number): LimitState {
  const resetAfterUs = aheadUs > 0 ? aheadUs : 0;
  const waitUs = refusedCost < 0 ? 0 : waitFor(compiled, resetAfterUs, refusedCost);
  return {
    limit: compiled.limit,
    allowed: waitUs <= 0,
    remaining: unitsLeft(compiled, resetAfterUs),
    retryAfterMs: waitUs <= 0 ? 0 : Math.ceil(waitUs / 1000),
    resetAfterMs: Math.ceil(resetAfterUs / 1000),
  };
}
