import type { GcraOperation } from "./gcra.ts";
import type { StoredLimit } from "./limit.ts";

/** One thing to do to all limits of one key. */
export interface RateStep {
  readonly key: string;
  readonly operation: GcraOperation | "reset";
  /** Units, one number per limit. */
  readonly costs: readonly number[];
}

/**
 * Keeps arrival times for several processes.
 *
 * A store that gets this wrong lets requests through: steps must be atomic, also against other processes, and a
 * stored value that cannot be read must count as a key that is used up.
 */
export interface RateStore {
  /** True when one call may only hold steps of one key. Default false. */
  readonly singleKey?: boolean;
  /**
   * Applies the steps one after the other, each to all limits of its key or, for a `take` that one limit refuses, to
   * none, with the arithmetic of `gcra`. Rejects when that cannot be told within the caller's patience; never
   * queues for later.
   *
   * @returns per step and limit the microseconds until the whole capacity is there again, as `reset` when the
   *   step took place, as `-1 - reset` when it was refused.
   */
  apply(limits: readonly StoredLimit[], steps: readonly RateStep[]): Promise<readonly number[]>;
}
