/** Keeps the newest bytes of a stream and counts the rest. */
export class NewestOutput {
  readonly #most: number;
  #chunks: Uint8Array[] = [];
  #kept = 0;
  #total = 0;

  /** @param most bytes kept. */
  constructor(most: number) {
    this.#most = most;
  }

  get droppedBytes(): number {
    return this.#total - this.#kept;
  }

  push(chunk: Uint8Array): void {
    this.#total += chunk.length;
    this.#chunks.push(new Uint8Array(chunk));
    this.#kept += chunk.length;
    while (this.#kept > this.#most) {
      const [oldest = new Uint8Array()] = this.#chunks;
      const drop = Math.min(this.#kept - this.#most, oldest.length);
      if (drop === oldest.length) this.#chunks.shift();
      else this.#chunks[0] = oldest.subarray(drop);
      this.#kept -= drop;
    }
  }

  text(): string {
    return new TextDecoder().decode(Buffer.concat(this.#chunks, this.#kept));
  }
}
