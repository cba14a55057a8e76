import type { GcraLimit } from "./gcra.ts";

/** How much a key may use. */
export interface RateLimitOptions {
  /** Printable ASCII, at most 64 characters; seen by clients in the `RateLimit` fields. Default `default`. */
  readonly name?: string;
  /** Units per period, a positive integer. */
  readonly count: number;
  /** Length of the period in milliseconds; a multiple of 0.001. */
  readonly periodMs: number;
  /** Units that may be used at once after a pause, a positive integer. Default `count`. */
  readonly capacity?: number;
  /** Units that post-paid charges may go below zero. Default 0. */
  readonly maxDebt?: number;
}

/** A limit with every default filled in. */
export type RateLimit = Required<RateLimitOptions>;

/** A limit as a {@link RateStore} sees it. */
export interface StoredLimit extends GcraLimit {
  readonly name: string;
}

/** A checked limit together with its arithmetic. */
export interface CompiledLimit extends StoredLimit {
  readonly limit: RateLimit;
}

/** The limit in force when none is given: 100 per minute. */
export const DEFAULT_LIMIT: RateLimitOptions = { name: "default", count: 100, periodMs: 60_000 };

const MAX_LIMITS = 8;
const MAX_COST = 2 ** 50;
const MAX_TIME_US = 2 ** 52;
const NAME = /^[ -~]{1,64}$/;

/**
 * Checks limits and computes their intervals.
 *
 * @throws TypeError or RangeError for a wrong option.
 */
export function compileLimits(limits: readonly RateLimitOptions[]): readonly CompiledLimit[] {
  if (!Array.isArray(limits) || limits.length < 1 || limits.length > MAX_LIMITS)
    throw new RangeError(`limits must hold 1 to ${MAX_LIMITS} limits`);
  const compiled = limits.map(compileLimit);
  if (new Set(compiled.map(({ limit }) => limit.name)).size !== compiled.length)
    throw new TypeError("limits must have different names");
  return compiled;
}

function compileLimit(options: RateLimitOptions): CompiledLimit {
  const { name = "default", count, periodMs, capacity = count, maxDebt = 0 } = options;
  if (typeof name !== "string" || !NAME.test(name))
    throw new TypeError("name must be 1 to 64 printable ASCII characters");
  checkInteger("count", count, 1);
  checkInteger("capacity", capacity, 1);
  checkInteger("maxDebt", maxDebt, 0);
  const periodUs = Math.round(periodMs * 1000);
  if (!Number.isSafeInteger(periodUs) || periodUs < 1 || Math.abs(periodUs - periodMs * 1000) > 1e-3)
    throw new RangeError(`periodMs must be a positive multiple of 0.001, got ${String(periodMs)}`);
  const intervalUs = Math.ceil(periodUs / count);
  const toleranceUs = intervalUs * capacity;
  const debtUs = intervalUs * maxDebt;
  // Beyond this the sums with an epoch time in microseconds would no longer be exact.
  if (toleranceUs + debtUs > MAX_TIME_US)
    throw new RangeError("periodMs, capacity and maxDebt together span more than 142 years");
  const limit = Object.freeze({ name, count, periodMs, capacity, maxDebt });
  return Object.freeze({ name, limit, intervalUs, toleranceUs, debtUs, capacity });
}

function checkInteger(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`${name} must be an integer of at least ${least}, got ${String(value)}`);
}

/**
 * The part of the limits that one of several instances grants on its own, so that all together stay within them.
 * Time is stretched, capacity divided: an arrival time means the same in both.
 */
export function divideLimits(limits: readonly CompiledLimit[], instances: number): readonly CompiledLimit[] {
  return limits.map((compiled) => {
    const intervalUs = compiled.intervalUs * instances;
    const capacity = Math.max(1, Math.floor(compiled.capacity / instances));
    return { ...compiled, intervalUs, capacity, toleranceUs: intervalUs * capacity };
  });
}

/** Checks a cost: a wrong one would otherwise turn into a free request. */
export function checkCost(cost: number): void {
  if (!(Number.isInteger(cost) && cost >= 0 && cost <= MAX_COST)) throw wrongCost(cost);
}

/** On its own, so that the check itself is small enough to become a part of its caller. */
function wrongCost(cost: unknown): RangeError {
  const got = typeof cost === "number" ? cost : typeof cost;
  return new RangeError(`cost must be an integer from 0 to 2^50, got ${got}`);
}

/** Checks a key: an empty one is a mistake of the caller that would put everybody into one bucket. */
export function checkKey(key: string): void {
  if (typeof key !== "string" || key.length === 0)
    throw new TypeError("key must be a string that is not empty");
}
