import { ALGORITHM_NAMES, ALGORITHMS, type Algorithm, assertAlgorithm } from "./algorithm.ts";
import { startsWith } from "./byte-string.ts";
import { KeysError } from "./error.ts";
import { explainForeignDer } from "./foreign-der.ts";
import { readJwk } from "./jwk.ts";
import { decodePem } from "./pem.ts";
import type { PublicKey } from "./public-key.ts";
import { cachedPublicKey } from "./public-key-cache.ts";

/** Options of the key importers. */
export interface ImportKeyOptions {
  /** The one algorithm the caller can use; a key of the other is refused. Default: either. */
  readonly algorithm?: Algorithm;
}

/** Options of the JWK importers. */
export interface ImportJwkOptions extends ImportKeyOptions {
  /** Refuse a JWK without `use`, as profiles do that make it mandatory. Default `false`. */
  readonly requireUse?: boolean;
}

/**
 * Imports a text that is exactly one PEM block `PUBLIC KEY`.
 * @throws KeysError `KEY_INVALID_PEM`, `KEY_PRIVATE_MATERIAL`, and as {@link importPublicKeySpki}
 */
export function importPublicKeyPem(pem: string, options: ImportKeyOptions = {}): PublicKey {
  return importPublicKeySpki(decodePem(pem, "PUBLIC KEY"), options);
}

/**
 * Imports SubjectPublicKeyInfo DER, in exactly the form this package writes (uncompressed P-256, or Ed25519).
 * @throws KeysError `KEY_INVALID_DER`, `KEY_UNSUPPORTED_ALGORITHM`, `KEY_UNSUPPORTED_ENCODING`,
 * `KEY_PRIVATE_MATERIAL`, `KEY_ALGORITHM_MISMATCH`, `KEY_POINT_INVALID`
 */
export function importPublicKeySpki(spki: Uint8Array, options: ImportKeyOptions = {}): PublicKey {
  if (!(spki instanceof Uint8Array)) throw new TypeError("spki must be a Uint8Array");
  for (const algorithm of ALGORITHM_NAMES) {
    const { spkiHeader, rawLength } = ALGORITHMS[algorithm];
    if (spki.length === spkiHeader.length + rawLength && startsWith(spki, spkiHeader)) {
      checkExpected(algorithm, options);
      return cachedPublicKey(algorithm, spki.subarray(spkiHeader.length));
    }
  }
  throw explainForeignDer(spki, "public");
}

/**
 * Imports a parsed JWK. Only its own data members count; `use`, `key_ops`, `alg` and `kid` are checked when
 * present, other members are ignored, private ones are refused.
 * @throws KeysError `KEY_INVALID_JWK`, `KEY_UNSUPPORTED_ALGORITHM`, `KEY_USE_MISMATCH`,
 * `KEY_PRIVATE_MATERIAL`, `KEY_ALGORITHM_MISMATCH`, `KEY_POINT_INVALID`
 * @see RFC 7517, RFC 7518 section 6.2.1, RFC 8037 section 2
 */
export function importPublicKeyJwk(jwk: unknown, options: ImportJwkOptions = {}): PublicKey {
  const { algorithm, raw } = readJwk(jwk, "verify", options.requireUse ?? false);
  checkExpected(algorithm, options);
  return cachedPublicKey(algorithm, raw);
}

/**
 * Imports raw key bytes: `04 || x || y` for ES256, the 32 bytes of RFC 8032 for Ed25519.
 * @throws KeysError `KEY_INVALID_RAW`, `KEY_UNSUPPORTED_ENCODING`, `KEY_POINT_INVALID`
 */
export function importPublicKeyRaw(algorithm: Algorithm, raw: Uint8Array): PublicKey {
  assertAlgorithm(algorithm);
  if (!(raw instanceof Uint8Array)) throw new TypeError("raw must be a Uint8Array");
  return cachedPublicKey(algorithm, raw);
}

/** @throws KeysError `KEY_ALGORITHM_MISMATCH` when the caller asked for another algorithm. */
export function checkExpected(found: Algorithm, options: ImportKeyOptions): void {
  if (options.algorithm === undefined) return;
  assertAlgorithm(options.algorithm);
  if (found !== options.algorithm) {
    throw new KeysError("KEY_ALGORITHM_MISMATCH", `key is ${found}, expected ${options.algorithm}`);
  }
}
