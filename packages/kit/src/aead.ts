import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";
// By name, so that both stay in the main entry's only file: nearly every program reads that one, and few this.
import { concatBytes, KitError } from "@symbiont/kit";

/** Bytes that {@link seal} adds to a plaintext: 12 of nonce and 16 of tag. */
export const AEAD_OVERHEAD = 28;

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const KEY_LENGTH = 32;

/**
 * Encrypts and authenticates with AES-256-GCM under a fresh random nonce.
 *
 * Layout of the result: nonce (12 bytes), ciphertext, tag (16 bytes). With random nonces one key must not
 * seal more than 2^32 messages (NIST SP 800-38D section 8.3): derive a key per file or period with `hkdf`.
 *
 * @param key 32 bytes, or a `KeyObject` of that size (faster when used often).
 * @param associatedData authenticated, not stored: the same bytes must be given to {@link open}.
 * @throws RangeError when the key is not 32 bytes.
 */
export function seal(
  key: Uint8Array | KeyObject,
  plaintext: Uint8Array,
  associatedData: Uint8Array,
): Uint8Array {
  checkKey(key);
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_LENGTH });
  cipher.setAAD(associatedData);
  const body = cipher.update(plaintext);
  const rest = cipher.final();
  return concatBytes(nonce, body, rest, cipher.getAuthTag());
}

/**
 * Opens what {@link seal} made.
 * @throws KitError `AEAD_OPEN_FAILED` for a wrong key, other associated data or any changed byte; the error
 * does not say which, and no plaintext is released.
 * @throws RangeError when the key is not 32 bytes.
 */
export function open(
  key: Uint8Array | KeyObject,
  sealed: Uint8Array,
  associatedData: Uint8Array,
): Uint8Array {
  checkKey(key);
  if (sealed.length < AEAD_OVERHEAD) throw new KitError("AEAD_OPEN_FAILED", "sealed data is too short");
  const end = sealed.length - TAG_LENGTH;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_LENGTH), {
    authTagLength: TAG_LENGTH,
  });
  decipher.setAuthTag(sealed.subarray(end));
  decipher.setAAD(associatedData);
  try {
    const body = decipher.update(sealed.subarray(NONCE_LENGTH, end));
    const rest = decipher.final();
    return rest.length === 0 ? new Uint8Array(body) : concatBytes(body, rest);
  } catch {
    throw new KitError("AEAD_OPEN_FAILED", "sealed data does not open with this key and associated data");
  }
}

function checkKey(key: Uint8Array | KeyObject): void {
  const length = key instanceof Uint8Array ? key.length : key.symmetricKeySize;
  if (length !== KEY_LENGTH) throw new RangeError(`key must be ${KEY_LENGTH} bytes, got ${length ?? "none"}`);
}
