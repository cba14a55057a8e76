import { hash } from "node:crypto";
import { constantTimeEqual } from "@symbiont/kit";

const BLOCK = 64;
const DIGEST = 32;
const MAX_LENGTH = 1024;

/**
 * HMAC-SHA-256 of short texts, as RFC 2104 writes it down: a hash over the inner pad and the text, and one over the
 * outer pad and the first. Two one-shot hashes cost the runtime half of what one Hmac object does, and verifying
 * a key is little else. Calls are synchronous, so that they can share their buffers. @see RFC 2104 section 2
 */
export class ShortHmac {
  readonly #inner = Buffer.alloc(BLOCK + 3 * MAX_LENGTH, 0x36);
  readonly #outer = Buffer.alloc(BLOCK + DIGEST, 0x5c);
  readonly #digest = Buffer.alloc(DIGEST);
  /** The part of the inner buffer that the last text took: tokens have one length, so the next takes the same. */
  #message = this.#inner;

  /** @param key 1 to 64 bytes; copied. */
  constructor(key: Uint8Array) {
    if (key.length === 0 || key.length > BLOCK) throw new RangeError(`key must be 1 to ${BLOCK} bytes`);
    for (const [index, byte] of key.entries()) {
      this.#inner[index] = byte ^ 0x36;
      this.#outer[index] = byte ^ 0x5c;
    }
  }

  /**
   * @param text well-formed, at most 1024 UTF-16 code units.
   * @returns the tag as 32 characters, one for each byte.
   */
  tag(text: string): string {
    if (text.length > MAX_LENGTH) throw new RangeError(`text must have at most ${MAX_LENGTH} code units`);
    const end = BLOCK + this.#inner.write(text, BLOCK);
    if (this.#message.length !== end) this.#message = this.#inner.subarray(0, end);
    this.#outer.write(hash("sha256", this.#message, "binary"), BLOCK, "latin1");
    this.#inner.fill(0, BLOCK, end); // the text is a secret, and this buffer lives long
    return hash("sha256", this.#outer, "binary");
  }

  /** Compares the tag of a text in constant time. */
  matches(text: string, tag: Uint8Array): boolean {
    this.#digest.write(this.tag(text), "latin1");
    return constantTimeEqual(this.#digest, tag);
  }
}
