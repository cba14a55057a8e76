const MOST = 10_000;

/**
 * Negative numbers that stand for the sequence of an attempt before there is one, so that an outcome can name its
 * attempt although both still wait to be written. Only the newest attempts are remembered.
 */
export class AttemptTokens {
  readonly #sequences = new Map<number, number>();
  #last = 0;

  /** A token for an attempt that is accepted now. */
  issue(): number {
    this.#last -= 1;
    return this.#last;
  }

  /** Says where the attempt was written; again, when it had to be written again. */
  bind(token: number, sequence: number): void {
    this.#sequences.set(token, sequence);
    if (this.#sequences.size > MOST) this.#sequences.delete(this.#sequences.keys().next().value as number);
  }

  /** The sequence that an outcome refers to; undefined when it is not known any more. */
  resolve(attempt: number | undefined): number | undefined {
    if (attempt === undefined || attempt >= 0) return attempt;
    return this.#sequences.get(attempt);
  }
}
