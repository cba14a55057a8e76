import { curves } from "#noble-curves";
import { type Algorithm, assertAlgorithm } from "./algorithm.ts";
import { KeysError } from "./error.ts";
import { PrivateKey } from "./private-key.ts";
import type { PublicKey } from "./public-key.ts";

/** A private key and, for convenience, its `publicKey`. */
export interface KeyPair {
  readonly privateKey: PrivateKey;
  readonly publicKey: PublicKey;
}

/**
 * Makes a new key from the runtime's secure random source (`crypto.getRandomValues`).
 * @throws KeysError `KEY_ENGINE_FAILED` when there is no such source.
 */
export function generateKeyPair(algorithm: Algorithm): KeyPair {
  assertAlgorithm(algorithm);
  const secret = randomSecret(algorithm);
  const privateKey = new PrivateKey(algorithm, secret);
  secret.fill(0);
  return Object.freeze({ privateKey, publicKey: privateKey.publicKey });
}

function randomSecret(algorithm: Algorithm): Uint8Array {
  const { ed25519, p256 } = curves();
  try {
    return (algorithm === "ES256" ? p256 : ed25519).utils.randomSecretKey();
  } catch (cause) {
    throw new KeysError("KEY_ENGINE_FAILED", "runtime has no secure random source", { cause });
  }
}
