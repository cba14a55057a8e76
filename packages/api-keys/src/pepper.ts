import { TokenHmac } from "./internal/token-hmac.ts";

const PEPPER_ID = /^[A-Za-z0-9_-]{1,64}$/;
const PEPPER_BYTES = 32;

/** A key kept outside the store, without which its HMAC verifiers are worth nothing. */
export interface Pepper {
  /** 1 to 64 of `A-Za-z0-9_-`; stands in every verifier made with it. */
  readonly id: string;
  /** 32 random bytes. Copied. */
  readonly key: Uint8Array;
}

/** The peppers in use; the first makes new verifiers, all are accepted. */
export class Peppers {
  readonly currentId: string | undefined;
  readonly #keys = new Map<string, TokenHmac>();

  /** @throws RangeError */
  constructor(peppers: readonly Pepper[]) {
    for (const { id, key } of peppers) {
      if (!PEPPER_ID.test(id))
        throw new RangeError("peppers: an id must be 1 to 64 of A-Z, a-z, 0-9, _ and -");
      if (this.#keys.has(id)) throw new RangeError("peppers: ids must differ");
      if (!(key instanceof Uint8Array) || key.length !== PEPPER_BYTES)
        throw new RangeError(`peppers: a key must be ${PEPPER_BYTES} bytes`);
      this.#keys.set(id, new TokenHmac(key));
    }
    this.currentId = peppers[0]?.id;
  }

  /**
   * Makes the verifier of a generated token's secret. The id is part of what is authenticated, so that nobody
   * who can write to the store can put one key's verifier into the row of another.
   */
  verifier(keyId: string, secret: string): string {
    if (this.currentId === undefined) throw new RangeError("peppers must hold at least one pepper");
    const tag = (this.#keys.get(this.currentId) as TokenHmac).tag(message(keyId, secret));
    return `$hmac-sha256$k=${this.currentId}$${Buffer.from(tag, "latin1").toString("base64").slice(0, 43)}`;
  }

  /** Compares in constant time. Undefined when the pepper is not known. */
  matches(pepperId: string, tag: Uint8Array, keyId: string, secret: string): boolean | undefined {
    return this.#keys.get(pepperId)?.matches(message(keyId, secret), tag);
  }
}

function message(keyId: string, secret: string): string {
  return `api-key/1\0${keyId}\0${secret}`;
}
