import { ALGORITHM_NAMES, ALGORITHMS, type Algorithm, assertAlgorithm, SECRET_LENGTH } from "./algorithm.ts";
import { hasAt, startsWith } from "./byte-string.ts";
import { KeysError } from "./error.ts";
import { explainForeignDer } from "./foreign-der.ts";
import { checkExpected, type ImportJwkOptions, type ImportKeyOptions } from "./import-public-key.ts";
import { readJwk } from "./jwk.ts";
import { decodePem } from "./pem.ts";
import { PrivateKey } from "./private-key.ts";

/**
 * Imports a text that is exactly one PEM block `PRIVATE KEY` (PKCS#8, not encrypted).
 * @throws KeysError `KEY_INVALID_PEM`, `KEY_UNSUPPORTED_ENCODING`, and as {@link importPrivateKeyPkcs8}
 */
export function importPrivateKeyPem(pem: string, options: ImportKeyOptions = {}): PrivateKey {
  const der = decodePem(pem, "PRIVATE KEY");
  try {
    return importPrivateKeyPkcs8(der, options);
  } finally {
    der.fill(0);
  }
}

/**
 * Imports PKCS#8 DER, with or without the public key inside; when it is there it must be the right one.
 * @throws KeysError `KEY_INVALID_DER`, `KEY_UNSUPPORTED_ALGORITHM`, `KEY_UNSUPPORTED_ENCODING` (SEC1),
 * `KEY_ALGORITHM_MISMATCH`, `KEY_SCALAR_INVALID`, `KEY_MISMATCH`
 */
export function importPrivateKeyPkcs8(pkcs8: Uint8Array, options: ImportKeyOptions = {}): PrivateKey {
  if (!(pkcs8 instanceof Uint8Array)) throw new TypeError("pkcs8 must be a Uint8Array");
  for (const algorithm of ALGORITHM_NAMES) {
    const { pkcs8Forms, rawLength } = ALGORITHMS[algorithm];
    for (const { header, bridge } of pkcs8Forms) {
      const secretEnd = header.length + SECRET_LENGTH;
      const rawAt = secretEnd + (bridge?.length ?? 0);
      if (pkcs8.length !== (bridge === undefined ? rawAt : rawAt + rawLength)) continue;
      if (!startsWith(pkcs8, header) || !hasAt(pkcs8, bridge ?? new Uint8Array(), secretEnd)) continue;
      checkExpected(algorithm, options);
      const key = new PrivateKey(algorithm, pkcs8.subarray(header.length, secretEnd));
      if (bridge !== undefined) checkPublicHalf(key, pkcs8.subarray(rawAt));
      return key;
    }
  }
  throw explainForeignDer(pkcs8, "private");
}

/**
 * Imports a parsed private JWK, whose public members must belong to `d`.
 * @throws KeysError `KEY_INVALID_JWK`, `KEY_UNSUPPORTED_ALGORITHM`, `KEY_USE_MISMATCH`,
 * `KEY_ALGORITHM_MISMATCH`, `KEY_SCALAR_INVALID`, `KEY_MISMATCH`
 */
export function importPrivateKeyJwk(jwk: unknown, options: ImportJwkOptions = {}): PrivateKey {
  const { algorithm, raw, secret } = readJwk(jwk, "sign", options.requireUse ?? false);
  try {
    checkExpected(algorithm, options);
    const key = new PrivateKey(algorithm, secret as Uint8Array);
    checkPublicHalf(key, raw);
    return key;
  } finally {
    secret?.fill(0);
  }
}

/**
 * Imports the bare 32 secret bytes: the big-endian scalar for ES256, the seed of RFC 8032 for Ed25519.
 * The bytes are copied; zero your own when you no longer need them.
 * @throws KeysError `KEY_INVALID_RAW`, `KEY_SCALAR_INVALID`
 */
export function importPrivateKeyRaw(algorithm: Algorithm, secret: Uint8Array): PrivateKey {
  assertAlgorithm(algorithm);
  if (!(secret instanceof Uint8Array)) throw new TypeError("secret must be a Uint8Array");
  return new PrivateKey(algorithm, secret);
}

function checkPublicHalf(key: PrivateKey, raw: Uint8Array): void {
  if (!hasAt(raw, key.publicKey.raw(), 0)) {
    throw new KeysError("KEY_MISMATCH", "public key does not belong to the private key");
  }
}
