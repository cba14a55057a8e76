import { ApiKeyError } from "../errors.ts";

/** Lets a few slow hashes run at a time and a bounded number wait: memory and threads stay bounded in a flood. */
export class HashQueue {
  readonly #concurrency: number;
  readonly #capacity: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: { readonly concurrency: number; readonly capacity: number }) {
    this.#concurrency = limits.concurrency;
    this.#capacity = limits.capacity;
  }

  /** Runs `work` when it is its turn. @throws ApiKeyError `API_KEY_BUSY` at once when too many wait. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#concurrency) this.#running += 1;
    else {
      if (this.#waiting.length >= this.#capacity)
        throw new ApiKeyError("API_KEY_BUSY", "too many keys are being verified", { retryAfterMs: 1_000 });
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift(); // takes over the place
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
