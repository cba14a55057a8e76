/** Counts what is under way, so that whoever closes something can wait for it. */
export class InFlight {
  #count = 0;
  #closed = false;
  readonly #waiting: (() => void)[] = [];

  /** Whether nothing new is to begin. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Runs `work` and counts it until it has settled. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#count += 1;
    try {
      return await work();
    } finally {
      this.#count -= 1;
      if (this.#count === 0) for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  /** Closes, and resolves when nothing is under way any more. */
  async drain(): Promise<void> {
    this.#closed = true;
    if (this.#count > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
