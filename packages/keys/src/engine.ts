import type { Algorithm } from "./algorithm.ts";
import type { PublicKey } from "./public-key.ts";

/** `runtime` is the host's own crypto (OpenSSL in Node), `noble` the portable one. */
export type EngineName = "runtime" | "noble";

/** Encoding of an ES256 signature: ASN.1 DER (RFC 3279), or r and s of 32 bytes each (RFC 7518). */
export type SignatureFormat = "der" | "raw";

/** As much of a private key as an engine may hold on to: its kind and public half, not its secret. */
export interface SigningKey {
  readonly algorithm: Algorithm;
  readonly publicKey: PublicKey;
}

/** What both engines do. They answer alike on every input; a differential test holds them to it. */
export interface Engine {
  readonly name: EngineName;
  /** Raw public key of a valid secret. */
  publicKeyOf(algorithm: Algorithm, secret: Uint8Array): Uint8Array;
  /** Signs; `secret` is what the key holds, `format` counts for ES256 only. */
  sign(key: SigningKey, secret: Uint8Array, data: Uint8Array, format: SignatureFormat): Uint8Array;
  /**
   * Verifies a signature whose encoding and range were checked. Ed25519 by the equation without cofactor,
   * comparing the encoding of R.
   */
  verify(key: PublicKey, signature: Uint8Array, data: Uint8Array, format: SignatureFormat): boolean;
  /** As `verify`, off the caller's thread where the engine can. The inputs are copied before it returns. */
  verifyPooled(
    key: PublicKey,
    signature: Uint8Array,
    data: Uint8Array,
    format: SignatureFormat,
  ): Promise<boolean>;
}
