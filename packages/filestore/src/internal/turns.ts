/** Has work on one thing done one at a time, in the order in which it was asked for. */
export class Turns {
  #idle: Promise<unknown> = Promise.resolve();
  #queued = 0;

  /** Whether work would begin at once. */
  get free(): boolean {
    return this.#queued === 0;
  }

  /** Settles when everything asked for so far has run; never rejects. */
  get idle(): Promise<unknown> {
    return this.#idle;
  }

  /** Runs work in its turn; what has nothing to wait for begins before this returns. */
  take(work: () => Promise<void>): Promise<void> {
    const run = this.free ? work() : this.#idle.then(work);
    this.#queued += 1;
    const ended = (): void => {
      this.#queued -= 1;
    };
    this.#idle = run.then(ended, ended);
    return run;
  }
}
