import { importPublicKeyRaw, type PublicKey, sha256 } from "@symbiont/keys";
import { concatBytes, decodeBase64, encodeBase64, encodeHex, encodeUtf8, excerpt } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";

/** Kinds of keys in signed notes that we can check. */
export type NoteKeyType = "ed25519" | "cosignature";

/** A key that a signed note can be checked with. */
export interface VerifierKey {
  readonly name: string;
  /** The first four bytes of SHA-256(name ‖ LF ‖ type ‖ public key). */
  readonly id: Uint8Array;
  /** `ed25519` signs the text; `cosignature` signs a time and the text. */
  readonly type: NoteKeyType;
  readonly publicKey: PublicKey;
  /** Smallest and largest checkpoint that it counts for, in records. Default all. */
  readonly fromSize?: number;
  readonly toSize?: number;
}

const TYPES: Readonly<Record<NoteKeyType, number>> = { ed25519: 1, cosignature: 4 };
const PUBLIC_KEY_LENGTH = 32;

/** Names an Ed25519 key. @throws AuditError `AUDIT_KEY_MALFORMED` when the name or the key is not usable. */
export function verifierKey(name: string, publicKey: PublicKey, type: NoteKeyType = "ed25519"): VerifierKey {
  checkKeyName(name);
  if (publicKey.algorithm !== "Ed25519") throw malformed("key is not an Ed25519 key");
  const typed = concatBytes(Uint8Array.of(TYPES[type]), publicKey.raw());
  const id = sha256(concatBytes(encodeUtf8(`${name}\n`), typed)).slice(0, 4);
  return Object.freeze({ name, id, type, publicKey });
}

/** Writes a key as `name+id+key`, the form in which it is published. @see https://c2sp.org/signed-note */
export function formatVerifierKey({ name, id, type, publicKey }: VerifierKey): string {
  return `${name}+${encodeHex(id)}+${encodeBase64(concatBytes(Uint8Array.of(TYPES[type]), publicKey.raw()))}`;
}

/**
 * Reads a key in the form `name+id+key`.
 * @throws AuditError `AUDIT_KEY_MALFORMED` when it is not one, of another type, or its id is not its own.
 */
export function parseVerifierKey(text: string): VerifierKey {
  const match = /^([^+]*)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text);
  if (match === null) throw malformed(`key ${excerpt(text)} is not of the form name+id+key`);
  const [, name = "", id = "", encoded = ""] = match;
  let key: VerifierKey;
  try {
    const bytes = decodeBase64(encoded);
    const type = (Object.keys(TYPES) as NoteKeyType[]).find((candidate) => TYPES[candidate] === bytes[0]);
    if (type === undefined || bytes.length !== 1 + PUBLIC_KEY_LENGTH)
      throw malformed("key is of an unknown type");
    key = verifierKey(name, importPublicKeyRaw("Ed25519", bytes.subarray(1)), type);
  } catch (cause) {
    throw AuditError.is(cause) ? cause : malformed("key is not an Ed25519 public key", cause);
  }
  if (encodeHex(key.id) !== id) throw malformed("key id is not that of the key");
  return key;
}

/** A key name stands in a line of its own kind: no space, no plus, nothing that does not show. */
function checkKeyName(name: string): void {
  if (name === "" || /[\s+\p{C}]/u.test(name))
    throw malformed(`key name ${excerpt(name)} is empty or has a space or +`);
}

function malformed(message: string, cause?: unknown): AuditError {
  return new AuditError("AUDIT_KEY_MALFORMED", message, { cause });
}
