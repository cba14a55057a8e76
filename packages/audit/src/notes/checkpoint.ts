import type { PrivateKey } from "@symbiont/keys";
import { decodeBase64, encodeBase64 } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import { HASH_LENGTH } from "../merkle/tree-hash.ts";
import { signNote, verifyNote } from "./signed-note.ts";
import type { VerifierKey } from "./verifier-key.ts";

/** The state of a journal at one size. @see https://c2sp.org/tlog-checkpoint */
export interface Checkpoint {
  /** The journal's name. */
  readonly origin: string;
  /** Records covered. */
  readonly size: number;
  /** Merkle root over them. */
  readonly root: Uint8Array;
}

/** Signs a checkpoint with one key or several; they bear the journal's name. */
export function signCheckpoint(
  { origin, size, root }: Checkpoint,
  ...[key, ...more]: readonly [PrivateKey, ...PrivateKey[]]
): string {
  const text = `${origin}\n${size}\n${encodeBase64(root)}\n`;
  let note = signNote(text, origin, key);
  for (const other of more) note += signNote(text, origin, other).slice(text.length + 1);
  return note;
}

/**
 * Checks a signed checkpoint of the journal `origin`.
 * @throws AuditError `AUDIT_NOTE_UNTRUSTED`; `AUDIT_NOTE_MALFORMED`, also when it is of another journal.
 */
export function verifyCheckpoint(note: string, origin: string, trusted: readonly VerifierKey[]): Checkpoint {
  const { text, keys } = verifyNote(note, trusted);
  // A witness vouches for what it saw, not for the journal: the journal's own key must have signed.
  const own = keys.filter(({ type }) => type === "ed25519");
  if (own.length === 0)
    throw new AuditError("AUDIT_NOTE_UNTRUSTED", "the journal's own key has not signed the checkpoint");
  const [signedOrigin, size = "", root = "", ...rest] = text.slice(0, -1).split("\n");
  if (signedOrigin !== origin) throw malformed("checkpoint is of another journal");
  if (!/^(?:0|[1-9]\d*)$/.test(size) || !Number.isSafeInteger(Number(size)))
    throw malformed("size is not a number");
  if (rest.some((line) => line === "")) throw malformed("checkpoint has an empty line");
  checkRanges(own, Number(size));
  return { origin, size: Number(size), root: parseRoot(root) };
}

/** A key that was replaced or stolen counts for what was signed before. */
function checkRanges(keys: readonly VerifierKey[], size: number): void {
  if (keys.some(({ fromSize = 0, toSize = size }) => fromSize <= size && size <= toSize)) return;
  throw new AuditError("AUDIT_NOTE_UNTRUSTED", `no key that may sign for ${size} records has signed`);
}

function parseRoot(text: string): Uint8Array {
  try {
    const root = decodeBase64(text);
    if (root.length === HASH_LENGTH) return root;
  } catch (cause) {
    throw malformed("root is not base64", cause);
  }
  throw malformed("root is not 32 bytes");
}

function malformed(message: string, cause?: unknown): AuditError {
  return new AuditError("AUDIT_NOTE_MALFORMED", `checkpoint is malformed: ${message}`, { cause });
}
