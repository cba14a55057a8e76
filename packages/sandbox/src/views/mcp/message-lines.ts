import { GrowingBytes } from "../../run/growing-bytes.ts";

const NEWLINE = 10;

/** Puts lines together from pieces; empty ones are left out. */
export class MessageLines {
  readonly #maxBytes: number;
  readonly #begun = new GrowingBytes();
  #isTooLong = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that are whole now; `too long` for one that is beyond the bound, after which nothing is taken any more. */
  *push(data: Uint8Array): Generator<Uint8Array | "too long", void, undefined> {
    for (let rest = data; rest.length > 0; ) {
      const end = rest.indexOf(NEWLINE);
      const piece = end < 0 ? rest : rest.subarray(0, end);
      rest = end < 0 ? rest.subarray(rest.length) : rest.subarray(end + 1);
      this.#isTooLong ||= this.#begun.length + piece.length > this.#maxBytes;
      if (this.#isTooLong) {
        this.#begun.take();
        yield "too long";
        return;
      }
      this.#begun.push(piece);
      if (end < 0) return;
      const line = this.#begun.take();
      if (line.length > 0) yield line;
    }
  }
}
