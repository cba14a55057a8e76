import { describeDecision, type RateLimitDecision } from "./decision.ts";
import { currentTat, nextTat, waitFor } from "./gcra.ts";
import { KeyTable } from "./key-table.ts";
import type { CompiledLimit } from "./limit.ts";
import { refundable } from "./reservation.ts";

const MAX_KEYS = 10_000_000;

/** All limits of all keys in this process. Keys, costs and times have been checked by the caller. */
export class KeyLimits {
  readonly #limits: readonly CompiledLimit[];
  readonly #table: KeyTable;

  /** @throws RangeError for a wrong `maxKeys`. */
  constructor(limits: readonly CompiledLimit[], maxKeys: number) {
    if (!Number.isInteger(maxKeys) || maxKeys < 1 || maxKeys > MAX_KEYS)
      throw new RangeError(`maxKeys must be an integer from 1 to ${MAX_KEYS}, got ${String(maxKeys)}`);
    this.#limits = limits;
    this.#table = new KeyTable(maxKeys, limits.length);
  }

  get bytes(): number {
    return this.#table.bytes;
  }

  get usedBytes(): number {
    return this.#table.usedBytes;
  }

  /** Takes from all limits of a key or, when one refuses, from none. */
  take(key: string, nowUs: number, cost: number): RateLimitDecision {
    const limits = this.#limits;
    const { times } = this.#table;
    const position = this.#table.locate(key, nowUs);
    let refused = false;
    for (let index = 0; index < limits.length; index += 1) {
      const limit = limits[index] as CompiledLimit;
      const stored = times[position + index] as number;
      const tat = currentTat(limit, stored, nowUs);
      if (tat < stored) times[position + index] = tat;
      if (waitFor(limit, tat - nowUs, cost) > 0) refused = true;
    }
    if (refused || cost === 0) return describeDecision(limits, times, position, nowUs, refused ? cost : -1);
    for (let index = 0; index < limits.length; index += 1) {
      // Not later than is possible: the loop before this one has seen to that.
      const tat = times[position + index] as number;
      times[position + index] =
        (tat > nowUs ? tat : nowUs) + cost * (limits[index] as CompiledLimit).intervalUs;
    }
    return describeDecision(limits, times, position, nowUs, -1);
  }

  /** Counts or gives back units on all limits of a key. */
  correct(key: string, nowUs: number, operation: "charge" | "refund", cost: number): RateLimitDecision {
    const { times } = this.#table;
    const position = this.#table.locate(key, nowUs);
    for (const [index, limit] of this.#limits.entries()) {
      const tat = currentTat(limit, times[position + index] as number, nowUs);
      times[position + index] = nextTat(limit, tat, nowUs, operation, cost);
    }
    return describeDecision(this.#limits, times, position, nowUs, -1);
  }

  /**
   * Gives back what is left of units taken earlier.
   *
   * @param arrivals arrival times right after they were taken.
   */
  refundPending(key: string, nowUs: number, arrivals: readonly number[], cost: number): RateLimitDecision {
    return this.refundEach(key, nowUs, refundable(this.#limits, arrivals, nowUs, cost));
  }

  /** Gives units back to each limit, as many as that limit is said to get. */
  refundEach(key: string, nowUs: number, costs: readonly number[]): RateLimitDecision {
    const times = this.arrivals(key, nowUs).map((tat, index) =>
      nextTat(this.#limits[index] as CompiledLimit, tat, nowUs, "refund", costs[index] as number),
    );
    this.#table.times.set(times, this.#table.locate(key, nowUs));
    return describeDecision(this.#limits, times, 0, nowUs, -1);
  }

  /** What a take would answer. */
  peek(key: string, nowUs: number, cost: number): RateLimitDecision {
    return answerAt(this.#limits, this.arrivals(key, nowUs), nowUs, cost);
  }

  /** The arrival times in force, one per limit. */
  arrivals(key: string, nowUs: number): readonly number[] {
    const position = this.#table.locate(key, nowUs);
    return this.#limits.map((limit, index) =>
      currentTat(limit, this.#table.times[position + index] as number, nowUs),
    );
  }

  /** Takes over arrival times that are known from elsewhere. */
  adopt(key: string, nowUs: number, arrivals: ArrayLike<number>): void {
    const position = this.#table.locate(key, nowUs);
    if (this.#table.isShared(position)) {
      // The slot also stands for others: it may only get stricter.
      for (let index = 0; index < arrivals.length; index += 1)
        this.#table.times[position + index] = Math.max(
          this.#table.times[position + index] as number,
          arrivals[index] as number,
        );
    } else this.#table.times.set(arrivals, position);
  }

  /** Forgets a key, unless it shares its slot with others. */
  reset(key: string, nowUs: number): void {
    const position = this.#table.locate(key, nowUs);
    if (!this.#table.isShared(position)) this.#table.times.fill(0, position, position + this.#limits.length);
  }
}

/** What a take of `cost` would answer at these arrival times. */
export function answerAt(
  limits: readonly CompiledLimit[],
  arrivals: readonly number[],
  nowUs: number,
  cost: number,
): RateLimitDecision {
  const refused = limits.some(
    (limit, index) => waitFor(limit, (arrivals[index] as number) - nowUs, cost) > 0,
  );
  return describeDecision(limits, arrivals, 0, nowUs, refused ? cost : -1);
}
