import type { ReplayStore } from "./ports.ts";

/** Options of {@link MemoryReplayStore}. */
export interface MemoryReplayStoreOptions {
  /** Keys held at most, up to 10,000,000. Default 100,000. */
  readonly capacity?: number;
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Replay store of one process. When it is full of keys that still count, it throws rather than forget one of
 * them; who asks must then refuse.
 */
export class MemoryReplayStore implements ReplayStore {
  readonly #capacity: number;
  readonly #now: () => number;
  /** Ends of life by key. */
  readonly #ends = new Map<string, number>();
  #nextSweepMs = 0;

  /** @throws RangeError naming the option. */
  constructor(options: MemoryReplayStoreOptions = {}) {
    const { capacity = 100_000, now = Date.now } = options;
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 10_000_000)
      throw new RangeError(`capacity must be an integer from 1 to 10000000, got ${String(capacity)}`);
    this.#capacity = capacity;
    this.#now = now;
  }

  /** Keys held, ended ones included until they are swept. */
  get size(): number {
    return this.#ends.size;
  }

  /** @throws RangeError when the store is full. */
  putIfAbsent(key: string, ttlMs: number): boolean {
    const nowMs = this.#now();
    const end = this.#ends.get(key);
    if (end !== undefined && nowMs <= end) return false;
    if (end === undefined && this.#ends.size >= this.#capacity) this.#sweep(nowMs);
    this.#ends.set(key, nowMs + ttlMs);
    return true;
  }

  /** At most once a second, so that a full store under attack does not cost a scan for each call. */
  #sweep(nowMs: number): void {
    if (nowMs >= this.#nextSweepMs) {
      this.#nextSweepMs = nowMs + 1000;
      for (const [key, end] of this.#ends) if (end < nowMs) this.#ends.delete(key);
    }
    if (this.#ends.size >= this.#capacity) throw new RangeError("replay store is full");
  }
}
