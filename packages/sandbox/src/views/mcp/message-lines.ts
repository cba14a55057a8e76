const NEWLINE = 10;

/** Puts lines together from pieces; empty ones are left out. */
export class MessageLines {
  readonly #maxBytes: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that are whole now; `too long` for one that is beyond the bound, after which nothing is taken any more. */
  *push(data: Uint8Array): Generator<Uint8Array | "too long", void, undefined> {
    for (let rest = data; rest.length > 0; ) {
      const end = rest.indexOf(NEWLINE);
      const piece = end < 0 ? rest : rest.subarray(0, end);
      rest = end < 0 ? rest.subarray(rest.length) : rest.subarray(end + 1);
      if (this.#bytes + piece.length > this.#maxBytes) {
        this.#bytes = Number.POSITIVE_INFINITY;
        this.#pieces = [];
        yield "too long";
        return;
      }
      this.#pieces.push(piece);
      this.#bytes += piece.length;
      if (end < 0) return;
      const line = Buffer.concat(this.#pieces, this.#bytes);
      this.#pieces = [];
      this.#bytes = 0;
      if (line.length > 0) yield line;
    }
  }
}
