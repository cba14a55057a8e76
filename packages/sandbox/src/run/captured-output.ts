/** The beginning of an output stream. */
export interface CapturedOutput {
  readonly bytes: Uint8Array;
  /** Bytes that the guest wrote, those dropped included. */
  readonly totalBytes: number;
  /** Whether any were dropped. */
  readonly truncated: boolean;
  /** The bytes as UTF-8; what is not, and a character cut in two at the end, becomes U+FFFD. */
  text(): string;
}

/** Keeps the first bytes of a stream and counts the rest. */
export class OutputBuffer {
  readonly #most: number;
  readonly #chunks: Uint8Array[] = [];
  #kept = 0;
  #total = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get totalBytes(): number {
    return this.#total;
  }

  push(chunk: Uint8Array): void {
    this.#total += chunk.length;
    const room = this.#most - this.#kept;
    if (room <= 0) return;
    const kept = chunk.length <= room ? chunk : chunk.slice(0, room);
    this.#chunks.push(kept);
    this.#kept += kept.length;
  }

  captured(): CapturedOutput {
    const bytes = new Uint8Array(Buffer.concat(this.#chunks, this.#kept));
    return {
      bytes,
      totalBytes: this.#total,
      truncated: this.#total > this.#kept,
      text: () => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes),
    };
  }
}
