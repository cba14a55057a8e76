import type { LimitState, RateLimitAllowed } from "./decision.ts";
import { RateLimitError } from "./errors.ts";
import { checkCost, type StoredLimit } from "./limit.ts";

/** How a limiter corrects the units of a reservation. */
export interface ReservationLedger<Answer> {
  charge(cost: number): Answer;
  refund(cost: number): Answer;
}

/**
 * Units set aside before the real cost is known, for example the tokens of a model call. To be settled once. A
 * reservation that never is stays counted in full.
 */
export class RateReservation<Answer> implements RateLimitAllowed {
  readonly allowed = true;
  readonly retryAfterMs = 0;
  readonly remaining: number;
  readonly limits: readonly LimitState[];
  /** Units set aside. */
  readonly estimate: number;
  readonly #ledger: ReservationLedger<Answer>;
  #settled = false;

  constructor(decision: RateLimitAllowed, estimate: number, ledger: ReservationLedger<Answer>) {
    this.remaining = decision.remaining;
    this.limits = decision.limits;
    this.estimate = estimate;
    this.#ledger = ledger;
  }

  /**
   * Puts the real cost in place of the estimate. More than estimated is charged, down to the limit's `maxDebt`;
   * less is given back.
   *
   * @throws RateLimitError `RATELIMIT_ALREADY_SETTLED`; RangeError for a cost that is not a non-negative integer.
   */
  settle(actual: number): Answer {
    checkCost(actual);
    if (this.#settled)
      throw new RateLimitError("RATELIMIT_ALREADY_SETTLED", "this reservation has already been settled");
    this.#settled = true;
    return actual >= this.estimate
      ? this.#ledger.charge(actual - this.estimate)
      : this.#ledger.refund(this.estimate - actual);
  }

  /** Gives everything back: `settle(0)`. */
  cancel(): Answer {
    return this.settle(0);
  }
}

/**
 * How many of `cost` reserved units may still be given back to each limit. Units that have become free again by
 * the passing of time are gone: giving them back would credit them twice, to whoever used the room since.
 *
 * @param arrivals arrival times right after the reservation.
 */
export function refundable(
  limits: readonly StoredLimit[],
  arrivals: readonly number[],
  nowUs: number,
  cost: number,
): readonly number[] {
  return limits.map((limit, index) => {
    const pendingUs = Math.max(0, (arrivals[index] as number) - nowUs);
    return Math.min(cost, Math.floor(pendingUs / limit.intervalUs));
  });
}
