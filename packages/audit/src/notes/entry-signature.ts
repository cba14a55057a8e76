import { type PrivateKey, sign, verify } from "@symbiont/keys";
import { concatBytes, constantTimeEqual, decodeBase64, encodeBase64 } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import { type VerifierKey, verifierKey } from "./verifier-key.ts";

const KEY_ID_LENGTH = 4;

/** A record's place in a journal, and its leaf hash. */
export interface SignedEntry {
  readonly origin: string;
  readonly sequence: number;
  readonly leaf: Uint8Array;
}

/** Signs one record. The journal's checkpoints cover it as well; this is for who wants each to stand alone. */
export function signEntry(entry: SignedEntry, key: PrivateKey): string {
  const { id } = verifierKey(entry.origin, key.publicKey);
  return encodeBase64(concatBytes(id, sign(key, message(entry))));
}

/**
 * Checks the signature of one record.
 * @throws AuditError `AUDIT_NOTE_MALFORMED`; `AUDIT_NOTE_UNTRUSTED` when no trusted key of the journal made it.
 */
export function verifyEntrySignature(
  signature: string,
  entry: SignedEntry,
  trusted: readonly VerifierKey[],
): void {
  let bytes: Uint8Array;
  try {
    bytes = decodeBase64(signature);
  } catch (cause) {
    throw new AuditError("AUDIT_NOTE_MALFORMED", "entry signature is not base64", { cause });
  }
  const id = bytes.subarray(0, KEY_ID_LENGTH);
  const key = trusted.find(
    (candidate) =>
      candidate.type === "ed25519" && candidate.name === entry.origin && constantTimeEqual(candidate.id, id),
  );
  if (key === undefined || !verify(key.publicKey, bytes.subarray(KEY_ID_LENGTH), message(entry)))
    throw new AuditError("AUDIT_NOTE_UNTRUSTED", "no trusted key has signed the entry", {
      record: entry.sequence,
    });
}

function message({ origin, sequence, leaf }: SignedEntry): string {
  return `audit-entry/1\n${origin}\n${sequence}\n${encodeBase64(leaf)}\n`;
}
