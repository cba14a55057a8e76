/** What a {@link Secret} lends from: plain bytes, or sealed ones that are opened at every use. */
export interface SecretValue {
  /**
   * Gives a fresh copy, in memory of its own, which the caller zeroes.
   * @throws SecretError when a sealed value can no longer be opened.
   */
  copy(): Uint8Array<ArrayBuffer>;
  /** Zeroes or lets go of what it holds. `copy` is not called any more. */
  dispose(): void;
}

/** A value held as plain bytes, outside the JavaScript heap. */
export class PlainValue implements SecretValue {
  readonly #bytes: Uint8Array;

  /** @param bytes are copied, then zeroed. */
  constructor(bytes: Uint8Array) {
    this.#bytes = ownMemory(bytes);
    bytes.fill(0);
  }

  copy(): Uint8Array<ArrayBuffer> {
    return ownMemory(this.#bytes);
  }

  dispose(): void {
    this.#bytes.fill(0);
  }
}

// A fresh ArrayBuffer, never a slice of the pool that small Buffers share.
function ownMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}
