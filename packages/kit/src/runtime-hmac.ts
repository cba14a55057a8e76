/** Hashes under an HMAC that {@link RuntimeHmac} makes. */
export type RuntimeHmacHash = "sha1" | "sha256" | "sha512";

/** The part of `node:crypto` that is used; given, not imported, so that this file loads where there is none. */
export type HmacCrypto = Pick<
  typeof import("node:crypto"),
  "createHash" | "createHmac" | "createSecretKey" | "hash"
>;

const BLOCK: Readonly<Record<RuntimeHmacHash, number>> = { sha1: 64, sha256: 64, sha512: 128 };
const DIGEST: Readonly<Record<RuntimeHmacHash, number>> = { sha1: 20, sha256: 32, sha512: 64 };
const LARGEST_BLOCK = 128;
const ONE_SHOT_BYTES = 4096;
const NOTHING = new Uint8Array(0);

// Shared by all keys: a digest is computed without a pause, and wiped from here when it is.
let shared: Buffer | undefined;

/**
 * HMAC (RFC 2104) under one secret, by the runtime's plain hash: over the inner pad and the message, then over the outer
 * pad and the first digest. A message of up to 4 KiB is hashed in two single calls, which cost the runtime about two
 * thirds of what one `Hmac` object does; a longer one is not copied.
 * @see https://www.rfc-editor.org/rfc/rfc2104#section-2
 */
export class RuntimeHmac {
  readonly #crypto: HmacCrypto;
  readonly #algorithm: RuntimeHmacHash;
  readonly #inner: Buffer;
  readonly #outer: Buffer;

  /**
   * @param secret 1 byte or more; copied.
   * @throws RangeError when the secret is empty: anyone could make its tags.
   */
  constructor(crypto: HmacCrypto, algorithm: RuntimeHmacHash, secret: Uint8Array) {
    if (secret.length === 0) throw new RangeError("secret must not be empty");
    const block = BLOCK[algorithm];
    const key = secret.length > block ? crypto.createHash(algorithm).update(secret).digest() : secret;
    this.#crypto = crypto;
    this.#algorithm = algorithm;
    this.#inner = Buffer.alloc(block, 0x36);
    this.#outer = Buffer.alloc(block + DIGEST[algorithm], 0x5c);
    for (const [index, byte] of key.entries()) {
      this.#inner[index] = byte ^ 0x36;
      this.#outer[index] = byte ^ 0x5c;
    }
    Object.freeze(this);
  }

  /**
   * The tag of a message in up to three parts, text in UTF-8, so that nobody has to join them.
   * @returns text of one character for each byte: the cheapest way out of the runtime.
   */
  tag(before: string, body: Uint8Array = NOTHING, after = ""): string {
    this.#outer.write(this.#innerDigest(before, body, after), this.#inner.length, "latin1");
    return this.#hash(this.#outer);
  }

  #innerDigest(before: string, body: Uint8Array, after: string): string {
    const most = 3 * before.length + body.length + 3 * after.length;
    if (most > ONE_SHOT_BYTES) {
      const { createHash } = this.#crypto;
      return createHash(this.#algorithm)
        .update(this.#inner)
        .update(before)
        .update(body)
        .update(after)
        .digest("binary");
    }
    shared ??= Buffer.alloc(LARGEST_BLOCK + ONE_SHOT_BYTES);
    shared.set(this.#inner);
    let end = this.#inner.length;
    if (before !== "") end += shared.write(before, end);
    shared.set(body, end);
    end += body.length;
    if (after !== "") end += shared.write(after, end);
    const digest = this.#hash(shared.subarray(0, end));
    shared.fill(0, 0, end);
    return digest;
  }

  /** Runtimes before Node 20.12 have no single call. */
  #hash(bytes: Uint8Array): string {
    const { createHash, hash } = this.#crypto;
    if (typeof hash === "function") return hash(this.#algorithm, bytes, "binary");
    return createHash(this.#algorithm).update(bytes).digest("binary");
  }
}
