import { constantTimeEqual } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";

export const ROOT_KEY_BYTES = 32;

/** The key that everything in a store is sealed with. In memory of its own, so that it can be zeroed. */
export class RootKey {
  readonly #bytes = new Uint8Array(ROOT_KEY_BYTES);
  #wiped = false;

  /** @param bytes are copied, then zeroed. */
  constructor(bytes: Uint8Array) {
    this.#bytes.set(bytes);
    bytes.fill(0);
  }

  /** Lent, never kept. @throws SecretError `SECRET_CLOSED` when it was wiped. */
  get bytes(): Uint8Array {
    if (this.#wiped)
      throw new SecretError("SECRET_CLOSED", "the key of the secret file was wiped: get the secret again");
    return this.#bytes;
  }

  equals(other: RootKey | Uint8Array): boolean {
    return other === this || constantTimeEqual(this.bytes, other instanceof RootKey ? other.bytes : other);
  }

  wipe(): void {
    this.#wiped = true;
    this.#bytes.fill(0);
  }
}
