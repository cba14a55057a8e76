import { concatBytes, decodeHex } from "@symbiont/kit";

/** Signature algorithm: ECDSA on P-256 with SHA-256, or pure Ed25519 (RFC 8032). */
export type Algorithm = "ES256" | "Ed25519";

/** What the encodings of one algorithm's keys look like. Nothing below this table branches on names. */
export interface AlgorithmForm {
  readonly kty: "EC" | "OKP";
  readonly crv: "P-256" | "Ed25519";
  /** Accepted values of the JWK member `alg`. */
  readonly joseNames: readonly string[];
  /** Length of the raw public key: `04 || x || y`, or the 32 bytes of RFC 8032. */
  readonly rawLength: number;
  /** DER of the AlgorithmIdentifier. */
  readonly identifier: Uint8Array;
  /** Everything in front of the raw public key in SubjectPublicKeyInfo. */
  readonly spkiHeader: Uint8Array;
  /** Accepted PKCS#8 forms; the first one is written. */
  readonly pkcs8Forms: readonly [Pkcs8Form, ...Pkcs8Form[]];
}

/** One fixed PKCS#8 layout: header, 32 secret bytes, and either nothing more or a bridge and the raw public key. */
interface Pkcs8Form {
  readonly header: Uint8Array;
  readonly bridge?: Uint8Array;
}

/** Length of a P-256 scalar and of an Ed25519 seed. */
export const SECRET_LENGTH = 32;

const P256_IDENTIFIER = decodeHex("301306072a8648ce3d020106082a8648ce3d030107");
const ED25519_IDENTIFIER = decodeHex("300506032b6570");

/**
 * @see RFC 5480 section 2 and RFC 5915 (P-256), RFC 8410 sections 4 and 7 (Ed25519), RFC 5958 (PKCS#8),
 * RFC 7518 section 6.2, RFC 8037 section 2 and RFC 9864 section 2.2 (JWK)
 */
export const ALGORITHMS: Readonly<Record<Algorithm, AlgorithmForm>> = {
  ES256: {
    kty: "EC",
    crv: "P-256",
    joseNames: ["ES256"],
    rawLength: 65,
    identifier: P256_IDENTIFIER,
    spkiHeader: concatBytes(decodeHex("3059"), P256_IDENTIFIER, decodeHex("034200")),
    pkcs8Forms: [
      {
        header: concatBytes(decodeHex("308187020100"), P256_IDENTIFIER, decodeHex("046d306b0201010420")),
        bridge: decodeHex("a144034200"),
      },
      { header: concatBytes(decodeHex("3041020100"), P256_IDENTIFIER, decodeHex("042730250201010420")) },
    ],
  },
  Ed25519: {
    kty: "OKP",
    crv: "Ed25519",
    joseNames: ["Ed25519", "EdDSA"],
    rawLength: 32,
    identifier: ED25519_IDENTIFIER,
    spkiHeader: concatBytes(decodeHex("302a"), ED25519_IDENTIFIER, decodeHex("032100")),
    pkcs8Forms: [
      { header: concatBytes(decodeHex("302e020100"), ED25519_IDENTIFIER, decodeHex("04220420")) },
      {
        header: concatBytes(decodeHex("3051020101"), ED25519_IDENTIFIER, decodeHex("04220420")),
        bridge: decodeHex("812100"),
      },
    ],
  },
};

/** The algorithms, in the order in which an encoding is tried. */
export const ALGORITHM_NAMES: readonly Algorithm[] = ["ES256", "Ed25519"];

/** @throws TypeError when `algorithm` is not one of the two. */
export function assertAlgorithm(algorithm: unknown): asserts algorithm is Algorithm {
  if (!ALGORITHM_NAMES.includes(algorithm as Algorithm)) {
    throw new TypeError('algorithm must be "ES256" or "Ed25519"');
  }
}
