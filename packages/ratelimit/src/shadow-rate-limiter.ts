import type { RateGate } from "@symbiont/kit";
import type { RateLimitAllowed, RateLimitDecision, RateLimitDenied } from "./decision.ts";

/** A refusal that a {@link ShadowRateLimiter} did not pass on. */
export interface ShadowedRefusal {
  readonly key: string;
  readonly cost: number;
  readonly decision: RateLimitDenied;
}

/** Settings of a {@link ShadowRateLimiter}. */
export interface ShadowRateLimiterOptions {
  /** A `RateLimiter` or a `SharedRateLimiter`. It decides and counts as always. */
  readonly limiter: {
    take(key: string, cost?: number): RateLimitDecision | Promise<RateLimitDecision>;
  };
  /** Told of every refusal, before the request is allowed all the same. What it throws is ignored. */
  readonly onRefusal: (refusal: ShadowedRefusal) => void;
}

/**
 * Tries a limit out: decides and counts like the limiter it is given, reports what that would have refused, and allows
 * everything. Clients see nothing of it, as its decisions name no limits.
 *
 * It protects nothing: replace it by the limiter itself once its reports look right.
 */
export class ShadowRateLimiter implements RateGate {
  readonly #limiter: ShadowRateLimiterOptions["limiter"];
  readonly #onRefusal: ShadowRateLimiterOptions["onRefusal"];

  /** @throws TypeError for a wrong option. */
  constructor(options: ShadowRateLimiterOptions) {
    const { limiter, onRefusal } = options;
    if (typeof limiter?.take !== "function") throw new TypeError("limiter must have a take method");
    if (typeof onRefusal !== "function") throw new TypeError("onRefusal must be a function");
    this.#limiter = limiter;
    this.#onRefusal = onRefusal;
  }

  /** Asks for `cost` units, default 1. Rejects only for what the limiter itself throws, such as an empty key. */
  async take(key: string, cost = 1): Promise<RateLimitAllowed> {
    const decision = await this.#limiter.take(key, cost);
    if (!decision.allowed) this.#report({ key, cost, decision });
    return { allowed: true, remaining: decision.remaining, retryAfterMs: 0, limits: [] };
  }

  #report(refusal: ShadowedRefusal): void {
    try {
      this.#onRefusal(refusal);
    } catch {
      // A limit on trial must not turn requests away, and neither must the report of one.
    }
  }
}
