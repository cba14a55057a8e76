import { FilestoreError } from "../../errors.ts";

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** How long a caller is willing to wait for a lock: until a point in time, or until its signal says stop. */
export class Deadline {
  readonly #path: string;
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;

  constructor(path: string, timeoutMs: number, signal: AbortSignal | undefined) {
    this.#path = path;
    this.#end = performance.now() + timeoutMs;
    this.#signal = signal;
  }

  /** Throws `FILE_LOCK_TIMEOUT`, or the signal's reason, when the waiting is over. */
  check(): void {
    this.#signal?.throwIfAborted();
    if (performance.now() >= this.#end)
      throw new FilestoreError("FILE_LOCK_TIMEOUT", "the lock was not free in time", { path: this.#path });
  }

  /** Waits; throws as {@link Deadline.check} when the waiting is over before. */
  async sleep(milliseconds: number): Promise<void> {
    await this.#settledWithin(new Promise(() => undefined), milliseconds);
    this.check();
  }

  /** Waits for a promise that does not reject; throws as {@link Deadline.check} when it takes too long. */
  async waitFor(promise: Promise<void>): Promise<void> {
    while (!(await this.#settledWithin(promise, LONGEST_TIMER_MS))) this.check();
  }

  async #settledWithin(promise: Promise<void>, milliseconds: number): Promise<boolean> {
    const left = Math.max(0, this.#end - performance.now());
    let stop!: () => void;
    const stopped = new Promise<boolean>((resolve) => {
      stop = () => resolve(false);
    });
    const timer = setTimeout(stop, Math.min(milliseconds, left, LONGEST_TIMER_MS));
    this.#signal?.addEventListener("abort", stop, { once: true });
    try {
      if (this.#signal?.aborted === true) return false;
      return await Promise.race([promise.then(() => true), stopped]);
    } finally {
      clearTimeout(timer);
      this.#signal?.removeEventListener("abort", stop);
    }
  }
}
