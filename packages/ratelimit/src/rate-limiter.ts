import type { RateGate } from "@symbiont/kit";
import type { RateLimitDecision, RateLimitDenied } from "./decision.ts";
import { KeyLimits } from "./key-limits.ts";
import { checkCost, checkKey, compileLimits, DEFAULT_LIMIT, type RateLimitOptions } from "./limit.ts";
import { microseconds, monotonicClock } from "./microseconds.ts";
import { RateReservation } from "./reservation.ts";

/** Settings of a {@link RateLimiter}. */
export interface RateLimiterOptions {
  /** 1 to 8 limits that every request must pass together. Default one of 100 per minute. */
  readonly limits?: readonly RateLimitOptions[];
  /** Keys that are sure to be counted apart, 1 to 10,000,000; it bounds the memory used. Default 100,000. */
  readonly maxKeys?: number;
  /** Milliseconds of a clock that does not go back, fractions allowed. Default `performance.now`. */
  readonly now?: () => number;
}

/**
 * Limits how often keys may act, in this process.
 *
 * A request passes when every limit has room for it; otherwise it is counted against none of them. Memory grows with
 * the keys to a bound set at construction; a flood of new keys makes keys share a limit rather than go unlimited.
 *
 * Every method throws TypeError for an empty key and RangeError for a cost that is not an integer from 0 to 2^50.
 *
 * Differs from Symbiont: there new addresses are unlimited once the table is full.
 */
export class RateLimiter implements RateGate {
  readonly #keys: KeyLimits;
  readonly #now: () => number;

  /** @throws TypeError or RangeError for a wrong option. */
  constructor(options: RateLimiterOptions = {}) {
    const { limits = [DEFAULT_LIMIT], maxKeys = 100_000, now = monotonicClock() } = options;
    if (typeof now !== "function") throw new TypeError("now must be a function");
    this.#keys = new KeyLimits(compileLimits(limits), maxKeys);
    this.#now = now;
  }

  /** Bytes of the key table, fixed at construction; pages never used take no memory. */
  get tableBytes(): number {
    return this.#keys.bytes;
  }

  /** Bytes of it that the keys so far have needed. */
  get usedBytes(): number {
    return this.#keys.usedBytes;
  }

  /** Asks for `cost` units, default 1. */
  take(key: string, cost = 1): RateLimitDecision {
    check(key, cost);
    return this.#keys.take(key, microseconds(this.#now), cost);
  }

  /** Tells what {@link take} would answer, and counts nothing. */
  peek(key: string, cost = 1): RateLimitDecision {
    check(key, cost);
    return this.#keys.peek(key, microseconds(this.#now), cost);
  }

  /** Counts units that have already been used. Never refuses; goes at most `maxDebt` below zero. */
  charge(key: string, cost: number): RateLimitDecision {
    check(key, cost);
    return this.#keys.correct(key, microseconds(this.#now), "charge", cost);
  }

  /** Gives units back, at most up to a full capacity. */
  refund(key: string, cost: number): RateLimitDecision {
    check(key, cost);
    return this.#keys.correct(key, microseconds(this.#now), "refund", cost);
  }

  /** Sets units aside until the real cost is known. */
  reserve(key: string, estimate: number): RateReservation<RateLimitDecision> | RateLimitDenied {
    check(key, estimate);
    const nowUs = microseconds(this.#now);
    const decision = this.#keys.take(key, nowUs, estimate);
    if (!decision.allowed) return decision;
    const arrivals = this.#keys.arrivals(key, nowUs);
    return new RateReservation(decision, estimate, {
      charge: (cost) => this.charge(key, cost),
      refund: (cost) => this.#keys.refundPending(key, microseconds(this.#now), arrivals, cost),
    });
  }

  /** Forgets what a key has used, unless it shares its place with other keys during a flood. */
  reset(key: string): void {
    checkKey(key);
    this.#keys.reset(key, microseconds(this.#now));
  }
}

function check(key: string, cost: number): void {
  checkKey(key);
  checkCost(cost);
}
