/**
 * One limit in the form the arithmetic works on. All times are whole microseconds, so that every sum below is
 * exact in a double.
 */
export interface GcraLimit {
  /** Time that one unit stands for: the period divided by the count, rounded up. */
  readonly intervalUs: number;
  /** Time that a full burst stands for: `intervalUs` × capacity. */
  readonly toleranceUs: number;
  /** How far a charge may go beyond a full burst. */
  readonly debtUs: number;
  /** Units that may be taken at once. */
  readonly capacity: number;
}

/** What is done to a key. `charge` is post-paid and never refuses, `refund` gives units back. */
export type GcraOperation = "take" | "charge" | "refund";

/** Outcome of one {@link gcra} step. */
export interface GcraStep {
  readonly allowed: boolean;
  /** The arrival time to store: unchanged by a refusal, apart from the correction of an impossible value. */
  readonly tatUs: number;
  /** Whole units left. */
  readonly remaining: number;
  /** Wait until the same step may pass; 0 when it did, `Infinity` when waiting never helps. */
  readonly retryAfterUs: number;
  /** Time until the key is as good as new. */
  readonly resetAfterUs: number;
}

/**
 * Brings a stored arrival time into the range that is possible now. Too far in the future happens when the clock
 * went back or the limit was lowered; the corrected value must be stored, or each refusal would start a full wait anew.
 */
export function currentTat(limit: GcraLimit, tatUs: number, nowUs: number): number {
  if (tatUs <= nowUs) return nowUs;
  const latest = nowUs + limit.toleranceUs + limit.debtUs;
  return tatUs <= latest ? tatUs : latest;
}

/**
 * Microseconds until `cost` units fit, at most 0 when they fit now, `Infinity` when they never will.
 *
 * @param resetAfterUs the current arrival time minus now.
 */
export function waitFor(limit: GcraLimit, resetAfterUs: number, cost: number): number {
  if (cost > limit.capacity) return Number.POSITIVE_INFINITY;
  return resetAfterUs + cost * limit.intervalUs - limit.toleranceUs;
}

/** The current arrival time after an operation that is not refused. */
export function nextTat(
  limit: GcraLimit,
  tatUs: number,
  nowUs: number,
  operation: GcraOperation,
  cost: number,
): number {
  const delta = cost * limit.intervalUs;
  if (operation === "take") return tatUs + delta;
  if (operation === "charge") return Math.min(tatUs + delta, nowUs + limit.toleranceUs + limit.debtUs);
  return Math.max(nowUs, tatUs - delta);
}

/** Whole units that could be taken now. */
export function unitsLeft(limit: GcraLimit, resetAfterUs: number): number {
  const free = limit.toleranceUs - resetAfterUs;
  return free > 0 ? Math.floor(free / limit.intervalUs) : 0;
}

/**
 * One step of the generic cell rate algorithm for one key and one limit: the decisions of the Rust crate governor,
 * with the interval rounded up instead of down, so that the stated rate is never exceeded.
 *
 * @param tatUs theoretical arrival time stored for the key, undefined when there is none.
 * @see ITU-T I.371, Annex A
 */
export function gcra(
  limit: GcraLimit,
  tatUs: number | undefined,
  nowUs: number,
  operation: GcraOperation,
  cost: number,
): GcraStep {
  const tat = currentTat(limit, tatUs ?? nowUs, nowUs);
  const wait = operation === "take" ? waitFor(limit, tat - nowUs, cost) : 0;
  const allowed = wait <= 0;
  const next = allowed ? nextTat(limit, tat, nowUs, operation, cost) : tat;
  return {
    allowed,
    tatUs: next,
    remaining: unitsLeft(limit, next - nowUs),
    retryAfterUs: allowed ? 0 : wait,
    resetAfterUs: next - nowUs,
  };
}
