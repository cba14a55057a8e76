import { constantTimeEqual } from "@symbiont/kit";
import { RuntimeHmac } from "@symbiont/kit/runtime-hmac";
import { nodeCrypto } from "./node-modules.ts";

/** HMAC-SHA-256 of tokens and their parts: text in, text out, and a comparison without a new buffer. */
export class TokenHmac {
  readonly #hmac: RuntimeHmac;
  readonly #digest = Buffer.alloc(32);

  /** @param key 1 byte or more; copied. */
  constructor(key: Uint8Array) {
    this.#hmac = new RuntimeHmac(nodeCrypto(), "sha256", key);
  }

  /** The tag as 32 characters, one for each byte. */
  tag(text: string): string {
    return this.#hmac.tag(text);
  }

  /** Compares the tag of a text in constant time. */
  matches(text: string, tag: Uint8Array): boolean {
    this.#digest.write(this.tag(text), "latin1");
    return constantTimeEqual(this.#digest, tag);
  }
}
