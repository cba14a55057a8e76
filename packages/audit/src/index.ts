export { AuditError, type AuditErrorCode } from "./audit-error.ts";
export { type Checkpoint, signCheckpoint, verifyCheckpoint } from "./checkpoint.ts";
export { CompactRange } from "./compact-range.ts";
export { type ConsistencyProof, consistencyProof, verifyConsistency } from "./consistency-proof.ts";
export { type InclusionProof, inclusionProof, verifyInclusion } from "./inclusion-proof.ts";
export { Journal } from "./journal.ts";
export type { JournalOptions } from "./journal-options.ts";
export { type NoteSignature, parseNote, type SignedNote, signNote, verifyNote } from "./signed-note.ts";
export { leafHash } from "./tree-hash.ts";
export {
  formatVerifierKey,
  type NoteKeyType,
  parseVerifierKey,
  type VerifierKey,
  verifierKey,
} from "./verifier-key.ts";
export { type JournalReport, type VerifyJournalOptions, verifyJournal } from "./verify-journal.ts";
