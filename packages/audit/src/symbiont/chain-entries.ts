import { type PublicKey, sha256Hex, verify } from "@symbiont/keys";
import { decodeHex, excerpt, type JsonObject } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";

/** What is known of a chain from elsewhere. */
export interface SymbiontChainOptions {
  /** The Ed25519 key of the process that wrote the chain. */
  readonly publicKey: PublicKey;
  /** How many entries there must be. Without it a chain that was cut at its end passes. */
  readonly expectedLength: number;
  /** The newest entry's `chain_hash`. */
  readonly expectedHead: string;
}

/** How the entries of one kind of chain are hashed. */
export interface SymbiontChainForm {
  readonly genesis: string;
  readonly hashedText: (entry: JsonObject) => string;
}

/**
 * Checks a chain of Symbiont: every link and signature, and that it ends where it must.
 * Differs from Symbiont: its plain check accepts a chain whose tail was cut; length and head are required here.
 * @throws AuditError `AUDIT_CORRUPT`, `AUDIT_NOTE_UNTRUSTED` with the entry in `record`; `AUDIT_ROLLBACK`,
 * `AUDIT_FORKED`.
 */
export function verifySymbiontChain(
  entries: readonly JsonObject[],
  form: SymbiontChainForm,
  { publicKey, expectedLength, expectedHead }: SymbiontChainOptions,
): void {
  let head = sha256Hex(form.genesis);
  for (const [record, entry] of entries.entries()) {
    const { chain_hash: hash, signature } = entry;
    if (typeof hash !== "string" || hash !== sha256Hex(head + form.hashedText(entry)))
      throw new AuditError("AUDIT_CORRUPT", `entry ${record} is not chained to the one before it`, {
        record,
      });
    if (typeof signature !== "string" || !holds(publicKey, signature, hash))
      throw new AuditError("AUDIT_NOTE_UNTRUSTED", `entry ${record} is not signed by the chain's key`, {
        record,
      });
    head = hash;
  }
  if (entries.length < expectedLength)
    throw new AuditError(
      "AUDIT_ROLLBACK",
      `the chain ends at ${entries.length} entries of ${expectedLength}`,
    );
  if (entries.length > expectedLength || head !== expectedHead)
    throw new AuditError("AUDIT_FORKED", "the chain does not end as it must");
}

/** The form of a time in hashed text: JSON has `Z` where the hash has `+00:00`. @throws AuditError `AUDIT_CORRUPT` */
export function hashedTime(value: unknown): string {
  if (typeof value !== "string" || !value.endsWith("Z")) throw malformed("a time", value);
  return `${value.slice(0, -1)}+00:00`;
}

/** A member that is text. @throws AuditError `AUDIT_CORRUPT` */
export function textOf(value: unknown): string {
  if (typeof value !== "string") throw malformed("text", value);
  return value;
}

/** A member that is a whole number. @throws AuditError `AUDIT_CORRUPT` */
export function countOf(value: unknown): string {
  if (!Number.isSafeInteger(value)) throw malformed("a count", value);
  return String(value);
}

function holds(publicKey: PublicKey, signature: string, hash: string): boolean {
  try {
    return verify(publicKey, decodeHex(signature), hash);
  } catch {
    return false;
  }
}

function malformed(what: string, value: unknown): AuditError {
  return new AuditError("AUDIT_CORRUPT", `a chain entry has ${excerpt(typeof value)} where ${what} belongs`);
}
