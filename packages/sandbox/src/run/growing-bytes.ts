const LEAST_BYTES = 1_024;

/** Bytes that come in pieces, in one place: of pieces that are kept, small ones cost a hundred times what they hold. */
export class GrowingBytes {
  #room = new Uint8Array();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#room.length) {
      const room = new Uint8Array(Math.max(LEAST_BYTES, length, 2 * this.#room.length));
      room.set(this.#room.subarray(0, this.#length));
      this.#room = room;
    }
    this.#room.set(piece, this.#length);
    this.#length = length;
  }

  /** A copy of them. */
  copy(): Uint8Array {
    return this.#room.slice(0, this.#length);
  }

  /** All of them, which are somebody else's from now on. */
  take(): Uint8Array {
    const bytes = this.#room.subarray(0, this.#length);
    this.#room = new Uint8Array();
    this.#length = 0;
    return bytes;
  }
}
