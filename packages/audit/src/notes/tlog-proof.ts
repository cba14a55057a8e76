import { decodeBase64, encodeBase64 } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import { type InclusionProof, verifyInclusion } from "../merkle/inclusion-proof.ts";
import { HASH_LENGTH } from "../merkle/tree-hash.ts";
import { type Checkpoint, verifyCheckpoint } from "./checkpoint.ts";
import type { VerifierKey } from "./verifier-key.ts";

const FIRST_LINE = "c2sp.org/tlog-proof@v1";
const MAX_LENGTH = 1 << 20;
const MAX_HASHES = 63;

/** Writes an inclusion proof and the checkpoint it leads to as one text. @see https://c2sp.org/tlog-proof */
export function formatTlogProof({ index, proof }: InclusionProof, note: string): string {
  return [FIRST_LINE, `index ${index}`, ...proof.map(encodeBase64), "", note].join("\n");
}

/**
 * Checks that an entry with this leaf hash is in the journal `origin`, and returns where and in which state of it.
 * @throws AuditError `AUDIT_PROOF_INVALID`, `AUDIT_NOTE_MALFORMED`, `AUDIT_NOTE_UNTRUSTED`
 */
export function verifyTlogProof(
  text: string,
  leaf: Uint8Array,
  { origin, trusted }: { readonly origin: string; readonly trusted: readonly VerifierKey[] },
): { readonly index: number; readonly checkpoint: Checkpoint } {
  if (text.length > MAX_LENGTH) throw malformed();
  const end = text.indexOf("\n\n");
  const [first, ...lines] = text.slice(0, Math.max(end, 0)).split("\n");
  if (first !== FIRST_LINE) throw malformed();
  // An extra line is allowed and not authenticated: nothing is made of it.
  if (lines[0]?.startsWith("extra ") === true) lines.shift();
  const index = /^index (0|[1-9]\d*)$/.exec(lines.shift() ?? "")?.[1];
  if (index === undefined || lines.length > MAX_HASHES) throw malformed();
  const checkpoint = verifyCheckpoint(text.slice(end + 2), origin, trusted);
  const proof = { index: Number(index), size: checkpoint.size, proof: lines.map(readHash) };
  verifyInclusion(leaf, proof, checkpoint.root);
  return { index: proof.index, checkpoint };
}

function readHash(line: string): Uint8Array {
  try {
    const hash = decodeBase64(line);
    if (hash.length === HASH_LENGTH) return hash;
  } catch {
    // Said below.
  }
  throw malformed();
}

function malformed(): AuditError {
  return new AuditError("AUDIT_PROOF_INVALID", "the text is not a proof");
}
