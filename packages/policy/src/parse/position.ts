/** A place in a text, both from 1. */
export interface Position {
  readonly line: number;
  /** In UTF-16 code units. */
  readonly column: number;
}

/** Turns offsets in one text into places; made once where many are wanted. */
export class LineIndex {
  /** Offset of the first character of each line. */
  readonly #starts: number[] = [0];

  constructor(source: string) {
    for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) this.#starts.push(at + 1);
  }

  /** The place at an offset in UTF-16 code units. */
  locate(offset: number): Position {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}

/** Turns an offset in UTF-16 code units, such as `at` of a syntax node, into a line and column. */
export function locate(source: string, offset: number): Position {
  return new LineIndex(source).locate(offset);
}
