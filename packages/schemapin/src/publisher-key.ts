import { importPublicKeyPem, type PublicKey } from "@symbiont/keys";

const MAX_REMEMBERED = 64;
const MAX_LENGTH = 1_024;
const remembered = new Map<string, PublicKey>();

/**
 * Reads a publisher's P-256 key. The last few are remembered by their text: reading a key and making it ready costs a
 * quarter of a verification, and publishers are few.
 * @throws KeysError
 */
export function publisherKey(pem: string): PublicKey {
  const known = remembered.get(pem);
  if (known !== undefined) return known;
  const key = importPublicKeyPem(pem, { algorithm: "ES256" });
  if (pem.length > MAX_LENGTH) return key;
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(pem, key);
  return key;
}
