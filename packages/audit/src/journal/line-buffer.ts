import { sha256Hex } from "@symbiont/keys";

const NEWLINE = 0x0a;
const LEAF = 0x00;
const FIRST_BYTES = 1 << 16;

/**
 * Gathers lines for one write and hashes each as it comes. The byte before a line, the newline of the one before, is
 * made the prefix of a leaf for the time of hashing, so that nothing is copied.
 */
export class LineBuffer {
  #bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES);
  #end = 1;

  /** Bytes gathered. */
  get length(): number {
    return this.#end - 1;
  }

  /** Adds a line without its newline, and returns its leaf hash in hexadecimal. */
  add(line: string): string {
    this.#makeRoom(line.length * 3 + 1);
    const start = this.#end;
    const end = start + this.#bytes.write(line, start, "utf8");
    const before = this.#bytes[start - 1] as number;
    this.#bytes[start - 1] = LEAF;
    const leaf = sha256Hex(this.#bytes.subarray(start - 1, end));
    this.#bytes[start - 1] = before;
    this.#bytes[end] = NEWLINE;
    this.#end = end + 1;
    return leaf;
  }

  /** What was gathered, valid until the next line is added. The buffer is empty afterwards. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(1, this.#end);
    this.#end = 1;
    return bytes;
  }

  #makeRoom(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + bytes));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}
