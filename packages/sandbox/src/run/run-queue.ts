import { SandboxError } from "../sandbox-error.ts";

/** Lets so many run at once and so many wait, in order. */
export class RunQueue {
  readonly #mostRunning: number;
  readonly #mostWaiting: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(mostRunning: number, mostWaiting: number) {
    this.#mostRunning = mostRunning;
    this.#mostWaiting = mostWaiting;
  }

  /**
   * Runs `work` when it is its turn.
   * @throws SandboxError `SANDBOX_CAPACITY` at once when too many wait; the signal's reason when it aborts meanwhile.
   */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#running >= this.#mostRunning) {
      if (this.#waiting.size >= this.#mostWaiting)
        throw new SandboxError("SANDBOX_CAPACITY", "too many runs are waiting", { retryable: true });
      await this.#turn(signal);
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      const [next] = this.#waiting;
      if (next === undefined) this.#running -= 1;
      else {
        // The place is handed on, not given up: nobody who comes now gets in between.
        this.#waiting.delete(next);
        next();
      }
    }
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        if (this.#waiting.delete(enter)) reject(signal?.reason as Error);
      };
      this.#waiting.add(enter);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }
}
