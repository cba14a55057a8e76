import { RateLimitError } from "./errors.ts";

/** Settings of {@link concurrency}. */
export interface ConcurrencyOptions {
  /** Permits, at least 1. */
  readonly max: number;
  /** How many may wait for a permit. Default 0: refuse at once. */
  readonly queue?: number;
}

/** The right to be one of those running. Give it back exactly when done; a second release does nothing. */
export interface ConcurrencyPermit {
  release(): void;
  [Symbol.dispose](): void;
}

/** Lets a limited number of things run at a time. */
export interface ConcurrencyGate {
  /** Permits given out. */
  readonly running: number;
  /** Callers waiting. */
  readonly waiting: number;
  /**
   * Resolves with a permit, in the order of asking.
   *
   * @throws RateLimitError `RATELIMIT_BUSY` when the queue is full; the reason of `signal` when it is aborted first.
   */
  acquire(options?: { readonly signal?: AbortSignal }): Promise<ConcurrencyPermit>;
}

/**
 * Builds a counting semaphore.
 *
 * @throws RangeError for a wrong option.
 */
export function concurrency(options: ConcurrencyOptions): ConcurrencyGate {
  const { max, queue = 0 } = options;
  if (!Number.isSafeInteger(max) || max < 1)
    throw new RangeError(`max must be an integer of at least 1, got ${String(max)}`);
  if (!Number.isSafeInteger(queue) || queue < 0)
    throw new RangeError(`queue must be an integer of at least 0, got ${String(queue)}`);
  let running = 0;
  // A set keeps the order and lets an aborted caller leave from the middle.
  const waiting = new Set<() => void>();

  const permit = (): ConcurrencyPermit => {
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      const [next] = waiting;
      if (next === undefined) {
        running -= 1;
        return;
      }
      waiting.delete(next);
      next();
    };
    return { release, [Symbol.dispose]: release };
  };

  return {
    get running(): number {
      return running;
    },
    get waiting(): number {
      return waiting.size;
    },
    async acquire({ signal } = {}): Promise<ConcurrencyPermit> {
      signal?.throwIfAborted();
      if (running < max) {
        running += 1;
        return permit();
      }
      if (waiting.size >= queue) throw new RateLimitError("RATELIMIT_BUSY", "too many are running already");
      return new Promise<ConcurrencyPermit>((resolve, reject) => {
        const start = (): void => {
          signal?.removeEventListener("abort", leave);
          resolve(permit());
        };
        const leave = (): void => {
          waiting.delete(start);
          reject(signal?.reason as Error);
        };
        waiting.add(start);
        signal?.addEventListener("abort", leave, { once: true });
      });
    },
  };
}
