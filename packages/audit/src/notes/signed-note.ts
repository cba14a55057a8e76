import { type PrivateKey, sign, verify } from "@symbiont/keys";
import { concatBytes, constantTimeEqual, decodeBase64, encodeBase64, encodeUtf8 } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import { type VerifierKey, verifierKey } from "./verifier-key.ts";

/** A text with signatures under it. @see https://c2sp.org/signed-note */
export interface SignedNote {
  /** What is signed, with its final newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** One line under a note. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  /** What follows the key id; its meaning depends on the key's type. */
  readonly signature: Uint8Array;
}

const MAX_NOTE_LENGTH = 1 << 20;
const MAX_SIGNATURES = 100;
const KEY_ID_LENGTH = 4;
const TIME_LENGTH = 8;

/** Signs a text. The text must end in a newline; see {@link parseNote} for what else it must be. */
export function signNote(text: string, name: string, key: PrivateKey): string {
  const { id } = verifierKey(name, key.publicKey);
  const line = `— ${name} ${encodeBase64(concatBytes(id, sign(key, text)))}\n`;
  const note = `${text}\n${line}`;
  parseNote(note);
  return note;
}

/**
 * Takes a note apart without checking any signature.
 * @throws AuditError `AUDIT_NOTE_MALFORMED`
 */
export function parseNote(note: string): SignedNote {
  if (note.length > MAX_NOTE_LENGTH) throw malformed("note is too long");
  // Control characters other than newline could show one text and sign another.
  if (/[\p{Cc}\p{Cs}]/u.test(note.replaceAll("\n", ""))) throw malformed("note holds a control character");
  const split = note.lastIndexOf("\n\n");
  if (split <= 0 || !note.endsWith("\n"))
    throw malformed("note has no text, or no signature after an empty line");
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) throw malformed("note has too many signatures");
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

/**
 * Checks a note and returns its text, which may then be trusted, and the keys that signed it.
 *
 * Signatures by unknown keys are passed over. A known key whose signature fails spoils the whole note.
 * @throws AuditError `AUDIT_NOTE_MALFORMED`, or `AUDIT_NOTE_UNTRUSTED` when a known signature fails or no key
 * that is trusted has signed.
 */
export function verifyNote(
  note: string,
  trusted: readonly VerifierKey[],
): { readonly text: string; readonly keys: readonly VerifierKey[] } {
  const { text, signatures } = parseNote(note);
  const keys: VerifierKey[] = [];
  for (const signature of signatures) {
    const key = trusted.find(
      ({ name, id }) => name === signature.name && constantTimeEqual(id, signature.keyId),
    );
    if (key === undefined || keys.includes(key)) continue;
    if (!holds(key, text, signature.signature)) throw untrusted("a signature by a trusted key does not hold");
    keys.push(key);
  }
  if (keys.length === 0) throw untrusted("no trusted key has signed the note");
  return { text, keys };
}

function holds(key: VerifierKey, text: string, signature: Uint8Array): boolean {
  switch (key.type) {
    case "ed25519":
      return verify(key.publicKey, signature, encodeUtf8(text));
    case "cosignature": {
      if (signature.length <= TIME_LENGTH) return false;
      const seconds = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
      const message = encodeUtf8(`cosignature/v1\ntime ${seconds}\n${text}`);
      return verify(key.publicKey, signature.subarray(TIME_LENGTH), message);
    }
    default:
      return false;
  }
}

function parseSignature(line: string): NoteSignature {
  const match = /^— (\S+) (\S+)$/u.exec(line);
  if (match === null) throw malformed("signature line is not of the form — name signature");
  const [, name = "", encoded = ""] = match;
  if (name.includes("+")) throw malformed("signature line has a key name with +");
  try {
    const bytes = decodeBase64(encoded);
    if (bytes.length <= KEY_ID_LENGTH) throw malformed("signature is too short");
    return { name, keyId: bytes.slice(0, KEY_ID_LENGTH), signature: bytes.slice(KEY_ID_LENGTH) };
  } catch (cause) {
    throw AuditError.is(cause) ? cause : malformed("signature is not base64", cause);
  }
}

function malformed(message: string, cause?: unknown): AuditError {
  return new AuditError("AUDIT_NOTE_MALFORMED", message, { cause });
}

function untrusted(message: string): AuditError {
  return new AuditError("AUDIT_NOTE_UNTRUSTED", message);
}
