import { curves } from "#noble-curves";
import { type Algorithm, SECRET_LENGTH } from "./algorithm.ts";
import { defaultEngine } from "./engine-choice.ts";
import { KeysError } from "./error.ts";
import type { PublicKey } from "./public-key.ts";
import { cachedPublicKey } from "./public-key-cache.ts";

let readSecret: (key: PrivateKey) => Uint8Array;

/**
 * A valid private key with its public half. Immutable. The secret is in a private field: JSON,
 * `util.inspect`, `structuredClone` and errors do not see it; only the `exportPrivateKey…` functions give it out.
 */
export class PrivateKey {
  readonly algorithm: Algorithm;
  readonly publicKey: PublicKey;
  readonly #secret: Uint8Array;

  static {
    readSecret = (key) => key.#secret;
  }

  /**
   * @internal The constructor checks the secret and derives the public half itself.
   * @throws KeysError `KEY_INVALID_RAW`, `KEY_SCALAR_INVALID`, `KEY_ENGINE_FAILED`
   */
  constructor(algorithm: Algorithm, secret: Uint8Array) {
    const own = new Uint8Array(secret); // not slice(), which in a Buffer shares the memory
    if (own.length !== SECRET_LENGTH) {
      throw new KeysError("KEY_INVALID_RAW", `secret must be ${SECRET_LENGTH} bytes`);
    }
    if (algorithm === "ES256" && !curves().p256.utils.isValidSecretKey(own)) {
      throw new KeysError("KEY_SCALAR_INVALID", "private scalar is not between 1 and n - 1");
    }
    this.algorithm = algorithm;
    this.#secret = own;
    this.publicKey = cachedPublicKey(algorithm, defaultEngine().publicKeyOf(algorithm, own));
    Object.freeze(this);
  }
}

/** The secret bytes themselves, not a copy: for the engines and exporters, which must not change or keep them. */
export function secretOf(key: PrivateKey): Uint8Array {
  return readSecret(key);
}
