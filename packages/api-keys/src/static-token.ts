import { nodeCrypto } from "./internal/node-modules.ts";
import { TokenHmac } from "./internal/token-hmac.ts";
import { isWeakSecret } from "./internal/weak-secret.ts";
import { describeNewKey, type KeyAccess, type KeyDetails } from "./key-details.ts";
import type { ApiKeyRecord } from "./record.ts";

const TOKEN = /^[\x21-\x2b\x2d-\x7e]{32,512}$/;

/**
 * One token that stands in the configuration instead of a store, for a service with a single caller. It is asked
 * for together with the store, never instead of one that fails.
 */
export type StaticToken = KeyAccess &
  Pick<KeyDetails, "scopes" | "owner"> & {
    /** 32 to 512 printable ASCII characters without space and comma, hard to guess. */
    readonly token: string;
    /** The id it is known by. A record of this id in the store counts instead: revoke it to end the token. */
    readonly keyId: string;
  };

/** Recognises the static token in constant time, and gives its record. */
export class StaticKey {
  /** As a store would hold it; it has no verifier. */
  readonly record: ApiKeyRecord;
  readonly #hmac = new TokenHmac(nodeCrypto().randomBytes(32));
  readonly #expected: Buffer;

  /**
   * @throws TypeError
   * @throws RangeError
   */
  constructor({ token, keyId, ...details }: StaticToken) {
    if (typeof keyId !== "string" || keyId === "") throw new TypeError("staticToken.keyId must be text");
    if (!TOKEN.test(token) || isWeakSecret(token))
      throw new RangeError("staticToken.token must be 32 to 512 printable characters that nobody can guess");
    const { createdAt: _, ...described } = describeNewKey({ ...details, expiresAt: "never" }, 0);
    this.record = Object.freeze({ ...described, keyId, keyHash: "" });
    this.#expected = Buffer.from(this.#hmac.tag(token), "latin1");
  }

  /** Compares digests: their length says nothing of the token's. */
  matches(token: unknown): boolean {
    return typeof token === "string" && token.length <= 512 && this.#hmac.matches(token, this.#expected);
  }
}
