import { SymbiontError } from "@symbiont/kit";

/** Why a key, a signature encoding or a text was refused. */
export type KeysErrorCode =
  /** Not exactly one PEM block of the expected label in strict base64. */
  | "KEY_INVALID_PEM"
  /** Not the one accepted DER form of the key. */
  | "KEY_INVALID_DER"
  /** Not a JWK with exactly the members its type needs. */
  | "KEY_INVALID_JWK"
  /** Raw key bytes of the wrong length. */
  | "KEY_INVALID_RAW"
  /** A key of another kind than P-256 or Ed25519. */
  | "KEY_UNSUPPORTED_ALGORITHM"
  /** A form of a supported key that is not read: SEC1, encrypted PKCS#8, compressed point. */
  | "KEY_UNSUPPORTED_ENCODING"
  /** A supported key, but not of the algorithm the caller asked for. */
  | "KEY_ALGORITHM_MISMATCH"
  /** JWK `use`, `key_ops` or `alg` says the key is not for these signatures. */
  | "KEY_USE_MISMATCH"
  /** The public key is not a point of the curve, not canonical, or of small order. */
  | "KEY_POINT_INVALID"
  /** The private scalar is not in [1, n-1]. */
  | "KEY_SCALAR_INVALID"
  /** A private key, or a private member, where a public key belongs. */
  | "KEY_PRIVATE_MATERIAL"
  /** The public half does not belong to the private half. */
  | "KEY_MISMATCH"
  /** An ECDSA signature that is not strictly encoded or out of range. */
  | "KEY_SIGNATURE_MALFORMED"
  /** Text with a lone surrogate, which has no UTF-8 form. */
  | "KEY_TEXT_INVALID"
  /** The engine asked for does not exist in this runtime. */
  | "KEY_ENGINE_UNAVAILABLE"
  /** The engine failed on valid input, for example an algorithm switched off by the operator. */
  | "KEY_ENGINE_FAILED";

/** Error of `@symbiont/keys`. Never holds key material. */
export class KeysError extends SymbiontError<KeysErrorCode> {}
