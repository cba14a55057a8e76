import type { AuditSink, RateGate } from "@symbiont/kit";
import { describeDecision, type RateLimitDecision } from "./decision.ts";
import { DenialCache } from "./denial-cache.ts";
import { RateLimitError } from "./errors.ts";
import { type GcraOperation, waitFor } from "./gcra.ts";
import { answerAt, KeyLimits } from "./key-limits.ts";
import {
  type CompiledLimit,
  checkCost,
  checkKey,
  compileLimits,
  DEFAULT_LIMIT,
  divideLimits,
  type RateLimitOptions,
} from "./limit.ts";
import { microseconds, monotonicClock } from "./microseconds.ts";
import type { RateStore } from "./rate-store.ts";
import { RateReservation, refundable } from "./reservation.ts";
import { StepBatcher, type StepReply } from "./step-batcher.ts";

/** Settings of a {@link SharedRateLimiter}. */
export interface SharedRateLimiterOptions {
  /** Where all processes count together, for example `redisStore` of `@symbiont/ratelimit/redis`. */
  readonly store: RateStore;
  /** 1 to 8 limits that every request must pass together. Default one of 100 per minute. */
  readonly limits?: readonly RateLimitOptions[];
  /**
   * What happens while the store does not answer. `local` (default): this process goes on alone, from what it last
   * saw of each key. `closed`: refuse. `open`: allow, and tell `audit`.
   */
  readonly onUnavailable?: "local" | "closed" | "open";
  /** Required with `open`: gets a record of every request that was allowed unchecked, before it is. */
  readonly audit?: AuditSink;
  /** Among how many processes `local` divides the limits, 1 to 10,000. Default 1. */
  readonly instances?: number;
  /** Keys remembered for `local`. Default 100,000. */
  readonly maxKeys?: number;
  /** Patience with one call to the store, in milliseconds, 1 to 10,000. Default 75. */
  readonly timeoutMs?: number;
  /** Milliseconds of a clock that does not go back, fractions allowed. Default `performance.now`. */
  readonly now?: () => number;
}

/**
 * Who decided: the shared `store`, a refusal still in `memory`, this process alone (`local`), or nobody, so that the
 * answer is the one that was set for that (`unavailable`).
 */
export type DecisionSource = "store" | "memory" | "local" | "unavailable";

/** A decision that says who made it. */
export type SharedRateLimitDecision = RateLimitDecision & { readonly source: DecisionSource };

/**
 * Limits how often keys may act, over all processes that share a store.
 *
 * Decisions asked for in one turn of the event loop travel in one call. When the store is slow or gone, the
 * `onUnavailable` answer comes after `timeoutMs` at first and at once soon after; the store is tried again by a single
 * call now and then. A call that timed out may still have counted: it is never repeated.
 *
 * Every method rejects with TypeError for an empty key and RangeError for a cost that is not an integer from 0 to 2^50.
 */
export class SharedRateLimiter implements RateGate {
  readonly #limits: readonly CompiledLimit[];
  readonly #local: KeyLimits;
  readonly #denials = new DenialCache();
  readonly #batcher: StepBatcher;
  readonly #onUnavailable: "local" | "closed" | "open";
  readonly #audit: AuditSink | undefined;
  readonly #now: () => number;

  /** @throws TypeError or RangeError for a wrong option. */
  constructor(options: SharedRateLimiterOptions) {
    const { store, limits = [DEFAULT_LIMIT], onUnavailable = "local", instances = 1, audit } = options;
    const { maxKeys = 100_000, timeoutMs = 75, now = monotonicClock() } = options;
    if (typeof store?.apply !== "function") throw new TypeError("store must have an apply method");
    if (typeof now !== "function") throw new TypeError("now must be a function");
    if (!["local", "closed", "open"].includes(onUnavailable))
      throw new TypeError("onUnavailable must be local, closed or open");
    if (onUnavailable === "open" && audit === undefined)
      throw new TypeError("audit is required with onUnavailable open");
    checkRange("instances", instances);
    checkRange("timeoutMs", timeoutMs);
    this.#limits = compileLimits(limits);
    this.#local = new KeyLimits(divideLimits(this.#limits, instances), maxKeys);
    this.#batcher = new StepBatcher(store, this.#limits, timeoutMs, now);
    this.#onUnavailable = onUnavailable;
    this.#audit = audit;
    this.#now = now;
  }

  /** Asks for `cost` units, default 1. */
  async take(key: string, cost = 1): Promise<SharedRateLimitDecision> {
    return (await this.#take(key, cost)).decision;
  }

  /** Tells what {@link take} would answer, and counts nothing. */
  async peek(key: string, cost = 1): Promise<SharedRateLimitDecision> {
    checkKey(key);
    checkCost(cost);
    const reply = await this.#batcher.send({ key, operation: "take", costs: this.#same(0) });
    const nowUs = microseconds(this.#now);
    if (reply !== undefined) {
      this.#learn(key, reply);
      return from("store", answerAt(this.#limits, arrivalsOf(reply, nowUs), nowUs, cost));
    }
    if (this.#onUnavailable === "local") return from("local", this.#local.peek(key, nowUs, cost));
    return this.#onUnavailable === "closed" ? this.#closed() : UNCHECKED;
  }

  /** Counts units that have already been used. Goes at most `maxDebt` below zero. */
  async charge(key: string, cost: number): Promise<SharedRateLimitDecision> {
    return this.#correct(key, "charge", cost, this.#same(cost));
  }

  /** Gives units back, at most up to a full capacity. */
  async refund(key: string, cost: number): Promise<SharedRateLimitDecision> {
    return this.#correct(key, "refund", cost, this.#same(cost));
  }

  /** Sets units aside until the real cost is known. */
  async reserve(
    key: string,
    estimate: number,
  ): Promise<
    RateReservation<Promise<SharedRateLimitDecision>> | Extract<SharedRateLimitDecision, { allowed: false }>
  > {
    const { decision, arrivals } = await this.#take(key, estimate);
    if (!decision.allowed) return decision;
    return new RateReservation(decision, estimate, {
      charge: (cost) => this.charge(key, cost),
      refund: (cost) => this.#refundPending(key, decision.source, arrivals, cost),
    });
  }

  /**
   * Forgets what a key has used.
   *
   * @throws RateLimitError `RATELIMIT_STORE_UNAVAILABLE` when only this process has forgotten it.
   */
  async reset(key: string): Promise<void> {
    checkKey(key);
    this.#denials.delete(key);
    const reply = await this.#batcher.send({ key, operation: "reset", costs: this.#same(0) });
    this.#local.reset(key, microseconds(this.#now));
    if (reply === undefined)
      throw new RateLimitError("RATELIMIT_STORE_UNAVAILABLE", "the key could not be reset everywhere");
  }

  async #take(
    key: string,
    cost: number,
  ): Promise<{ decision: SharedRateLimitDecision; arrivals: readonly number[] }> {
    checkKey(key);
    checkCost(cost);
    const askedUs = microseconds(this.#now);
    const known = this.#denials.find(key, cost, askedUs);
    if (known !== undefined) {
      const decision = describeDecision(this.#limits, known.arrivals, 0, askedUs, cost);
      return { decision: from("memory", decision), arrivals: [] };
    }
    if (this.#limits.some(({ capacity }) => cost > capacity)) {
      const decision = answerAt(this.#limits, this.#local.arrivals(key, askedUs), askedUs, cost);
      return { decision: from("memory", decision), arrivals: [] };
    }
    const reply = await this.#batcher.send({ key, operation: "take", costs: this.#same(cost) });
    if (reply === undefined) {
      const decision = await this.#unavailable(key, "take", cost);
      return { decision, arrivals: this.#local.arrivals(key, microseconds(this.#now)) };
    }
    this.#learn(key, reply);
    // The store decided after the question: measured from there, no wait is ever too long.
    const arrivals = arrivalsOf(reply, askedUs);
    const refused = (reply[0] as number) < 0;
    const decision = describeDecision(this.#limits, arrivals, 0, askedUs, refused ? cost : -1);
    if (refused) this.#remember(key, cost, arrivals, askedUs);
    return { decision: from("store", decision), arrivals };
  }

  #remember(key: string, cost: number, arrivals: readonly number[], nowUs: number): void {
    let waitUs = 0;
    for (const [index, limit] of this.#limits.entries())
      waitUs = Math.max(waitUs, waitFor(limit, (arrivals[index] as number) - nowUs, cost));
    this.#denials.add(key, cost, arrivals, nowUs, nowUs + waitUs);
  }

  /** Gives units back to where they were taken from: the store never counted what this process granted alone. */
  async #refundPending(
    key: string,
    source: DecisionSource,
    arrivals: readonly number[],
    cost: number,
  ): Promise<SharedRateLimitDecision> {
    const nowUs = microseconds(this.#now);
    if (source === "store")
      return this.#correct(key, "refund", cost, refundable(this.#limits, arrivals, nowUs, cost));
    if (source === "local") return from("local", this.#local.refundPending(key, nowUs, arrivals, cost));
    return UNCHECKED;
  }

  async #correct(
    key: string,
    operation: "charge" | "refund",
    cost: number,
    costs: readonly number[],
  ): Promise<SharedRateLimitDecision> {
    checkKey(key);
    checkCost(cost);
    if (operation === "refund") this.#denials.delete(key);
    const reply = await this.#batcher.send({ key, operation, costs });
    if (reply === undefined) return this.#unavailable(key, operation, cost, costs);
    this.#learn(key, reply);
    const nowUs = microseconds(this.#now);
    return from("store", describeDecision(this.#limits, arrivalsOf(reply, nowUs), 0, nowUs, -1));
  }

  /** Keeps what the store says about a key for the time when it does not answer, or is not asked. */
  #learn(key: string, reply: StepReply): void {
    const nowUs = microseconds(this.#now);
    const arrivals = arrivalsOf(reply, nowUs);
    this.#local.adopt(key, nowUs, arrivals);
    this.#denials.refresh(key, arrivals);
  }

  async #unavailable(
    key: string,
    operation: GcraOperation,
    cost: number,
    costs?: readonly number[],
  ): Promise<SharedRateLimitDecision> {
    if (this.#onUnavailable === "closed") return this.#closed();
    if (this.#onUnavailable === "open") return this.#open(operation, cost);
    const nowUs = microseconds(this.#now);
    if (operation === "take") return from("local", this.#local.take(key, nowUs, cost));
    if (operation === "refund" && costs !== undefined)
      return from("local", this.#local.refundEach(key, nowUs, costs));
    return from("local", this.#local.correct(key, nowUs, operation, cost));
  }

  #closed(): SharedRateLimitDecision {
    const retryAfterMs = Math.max(1000, Math.ceil(this.#batcher.pauseLeftMs));
    const code = "RATELIMIT_STORE_UNAVAILABLE";
    return { allowed: false, code, remaining: 0, retryAfterMs, limits: [], source: "unavailable" };
  }

  /** Allows unchecked, but never unseen: without its record the request is refused. */
  async #open(operation: GcraOperation, cost: number): Promise<SharedRateLimitDecision> {
    try {
      await this.#audit?.append({
        type: "ratelimit.unchecked",
        outcome: "info",
        actor: { kind: "system", id: "ratelimit" },
        error: { name: "RateLimitError", code: "RATELIMIT_STORE_UNAVAILABLE" },
        data: { operation, cost, limits: this.#limits.map(({ name }) => name) },
      });
      return UNCHECKED;
    } catch {
      return this.#closed();
    }
  }

  #same(cost: number): readonly number[] {
    return this.#limits.map(() => cost);
  }
}

const UNCHECKED: SharedRateLimitDecision = Object.freeze({
  allowed: true,
  remaining: 0,
  retryAfterMs: 0,
  limits: [],
  source: "unavailable",
});

function arrivalsOf(reply: StepReply, nowUs: number): readonly number[] {
  return reply.map((number) => nowUs + (number < 0 ? -1 - number : number));
}

function from(source: DecisionSource, decision: RateLimitDecision): SharedRateLimitDecision {
  // Written out: this is on the way of every decision, and a spread costs more than the rest of it.
  const { remaining, retryAfterMs, limits } = decision;
  return decision.allowed
    ? { allowed: true, remaining, retryAfterMs: 0, limits, source }
    : { allowed: false, code: decision.code, remaining, retryAfterMs, limits, source };
}

function checkRange(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= 10_000) return;
  throw new RangeError(`${name} must be an integer from 1 to 10000, got ${String(value)}`);
}
