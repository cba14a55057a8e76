import { hmacSha256 } from "@symbiont/keys";
import { decodeBase64Url, decodeUtf8, encodeBase64Url, encodeHex, encodeUtf8 } from "@symbiont/kit";
import { open, seal } from "@symbiont/kit/aead";

const COMMITMENT = "audit-subject/1\0";
const SEALED = "audit-subject-data/1\0";
const KEY_BYTES = 32;

/**
 * A stand-in for an identifier: the same person's records can be found by it while the key exists, and nobody can tell
 * who it was once the key is destroyed. Hexadecimal HMAC-SHA-256.
 * @param subjectKey 32 bytes, one for each person, kept outside the journal.
 */
export function subjectCommitment(subjectKey: Uint8Array, identifier: string): string {
  return encodeHex(hmacSha256(checkedKey(subjectKey), COMMITMENT + identifier));
}

/**
 * Seals text about a person for a record's `data`. Destroying the key erases it from the journal and from every copy;
 * the chain stays valid. AES-256-GCM, base64url.
 * @param subjectKey 32 bytes, one for each person, kept outside the journal.
 */
export function sealSubjectData(subjectKey: Uint8Array, text: string): string {
  return encodeBase64Url(seal(checkedKey(subjectKey), encodeUtf8(text), encodeUtf8(SEALED)));
}

/** Opens what {@link sealSubjectData} sealed. @throws KitError `AEAD_OPEN_FAILED`, `ENCODING_INVALID` */
export function openSubjectData(subjectKey: Uint8Array, sealed: string): string {
  return decodeUtf8(open(checkedKey(subjectKey), decodeBase64Url(sealed), encodeUtf8(SEALED)));
}

function checkedKey(key: Uint8Array): Uint8Array {
  if (!(key instanceof Uint8Array) || key.length !== KEY_BYTES)
    throw new RangeError("subjectKey must be 32 bytes");
  return key;
}
