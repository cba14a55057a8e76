const MOST = 16_384;

/**
 * Negative numbers that stand for the sequence of an attempt before there is one, so that an outcome can name its
 * attempt although both still wait to be written. Only the newest attempts are remembered.
 */
export class AttemptTokens {
  // A ring: with a map, finding the oldest of ten thousand to forget it took longer than writing the record.
  readonly #tokens: Float64Array = new Float64Array(MOST);
  readonly #sequences: Float64Array = new Float64Array(MOST);
  #last = 0;

  /** A token for an attempt that is accepted now. */
  issue(): number {
    this.#last -= 1;
    return this.#last;
  }

  /** Says where the attempt was written; again, when it had to be written again. */
  bind(token: number, sequence: number): void {
    const place = -token % MOST;
    // One that waited long must not take the place of a newer one.
    if ((this.#tokens[place] as number) < token) return;
    this.#tokens[place] = token;
    this.#sequences[place] = sequence;
  }

  /** The sequence that an outcome refers to; undefined when it is not known any more. */
  resolve(attempt: number | undefined): number | undefined {
    if (attempt === undefined || attempt >= 0) return attempt;
    const place = -attempt % MOST;
    return this.#tokens[place] === attempt ? this.#sequences[place] : undefined;
  }
}
