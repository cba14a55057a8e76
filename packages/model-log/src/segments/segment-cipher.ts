import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { sha256 } from "@symbiont/keys/sha256";
import { concatBytes, encodeUtf8 } from "@symbiont/kit";
import { hkdf } from "@symbiont/kit/hkdf";
import { type CipherKeys, recordKeys } from "./record-keys.ts";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Random bytes of a record, which its key is derived with. */
export const SALT_BYTES = 16;
const WRAP_LABEL = "model-log/1/segment\0";

/** Bytes by which a sealed record is longer than its body. */
export const RECORD_OVERHEAD: number = SALT_BYTES + TAG_BYTES;

/** A segment's key under a key-encrypting key. */
export interface WrappedSegmentKey {
  readonly salt: Uint8Array;
  /** Tells a wrong key from a changed file, and binds the file to one key. */
  readonly commit: Uint8Array;
  readonly wrapped: Uint8Array;
}

/** Wraps the key of the segment with the id `segment`, 16 bytes. */
export function wrapSegmentKey(kek: Uint8Array, segment: Uint8Array, dek: Uint8Array): WrappedSegmentKey {
  const salt = new Uint8Array(randomBytes(KEY_BYTES));
  const { key, nonce, commit } = wrapKeys(kek, segment, salt);
  return { salt, commit, wrapped: encrypt({ key, nonce }, dek) };
}

/** Gives the key of a segment; `wrong-key` or `tampered` when it does not open. */
export function unwrapSegmentKey(
  kek: Uint8Array,
  segment: Uint8Array,
  { salt, commit, wrapped }: WrappedSegmentKey,
): Uint8Array | "wrong-key" | "tampered" {
  const keys = wrapKeys(kek, segment, salt);
  // The commitment is no secret: it stands in the file.
  if (Buffer.compare(keys.commit, commit) !== 0) return "wrong-key";
  const dek = decrypt(keys, wrapped);
  return dek?.length === KEY_BYTES ? dek : "tampered";
}

/** What a record is bound to besides its body. */
export interface RecordPlace {
  readonly segment: Uint8Array;
  readonly sequence: number;
  /** SHA-256 of the line before, with its newline. */
  readonly previous: Uint8Array;
  /** Its meta data as stored. */
  readonly meta: Uint8Array;
}

/**
 * Seals a body: 16 bytes of salt, the ciphertext, 16 bytes of tag. Every record has a key of its own.
 * @param salt fresh random bytes, never used for another record.
 */
export function sealRecord(
  dek: Uint8Array,
  place: RecordPlace,
  { salt, body }: { readonly salt: Uint8Array; readonly body: Uint8Array },
): Uint8Array {
  const { key, nonce } = recordKeys(dek, place, salt);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(place.previous).setAAD(place.meta);
  const sealed = cipher.update(body);
  return Buffer.concat([salt, sealed, cipher.final(), cipher.getAuthTag()]);
}

/** Opens what {@link sealRecord} sealed; undefined when anything about it was changed. */
export function openRecord(dek: Uint8Array, place: RecordPlace, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < RECORD_OVERHEAD) return undefined;
  const keys = recordKeys(dek, place, sealed.subarray(0, SALT_BYTES));
  return decrypt(keys, sealed.subarray(SALT_BYTES), concatBytes(place.previous, place.meta));
}

/** What the next record is bound to. */
export function lineHash(line: string | Uint8Array): Uint8Array {
  return sha256(line);
}

function wrapKeys(
  kek: Uint8Array,
  segment: Uint8Array,
  salt: Uint8Array,
): CipherKeys & { readonly commit: Uint8Array } {
  const info = concatBytes(encodeUtf8(WRAP_LABEL), segment);
  const okm = hkdf(kek, { salt, info, length: KEY_BYTES + NONCE_BYTES + KEY_BYTES });
  const key = okm.subarray(0, KEY_BYTES);
  return {
    key,
    nonce: okm.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES),
    commit: okm.subarray(KEY_BYTES + NONCE_BYTES),
  };
}

function encrypt({ key, nonce }: CipherKeys, plaintext: Uint8Array, associated?: Uint8Array): Uint8Array {
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  if (associated !== undefined) cipher.setAAD(associated);
  return concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

function decrypt(
  { key, nonce }: CipherKeys,
  sealed: Uint8Array,
  associated?: Uint8Array,
): Uint8Array | undefined {
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  if (associated !== undefined) decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return concatBytes(decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final());
  } catch {
    return undefined;
  }
}
