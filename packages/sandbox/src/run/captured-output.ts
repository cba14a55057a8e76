import { GrowingBytes } from "./growing-bytes.ts";

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
  readonly #kept = new GrowingBytes();
  #total = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get totalBytes(): number {
    return this.#total;
  }

  push(chunk: Uint8Array): void {
    this.#total += chunk.length;
    this.#kept.push(chunk.subarray(0, this.#most - this.#kept.length));
  }

  captured(): CapturedOutput {
    const bytes = this.#kept.copy();
    return {
      bytes,
      totalBytes: this.#total,
      truncated: this.#total > bytes.length,
      text: () => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes),
    };
  }
}
