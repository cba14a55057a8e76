export { allAnchors } from "./anchors/all-anchors.ts";
export type { Anchor, AnchorStore } from "./anchors/anchor.ts";
export { fileAnchor } from "./anchors/file-anchor.ts";
export { type WebhookAnchorOptions, webhookAnchor } from "./anchors/webhook-anchor.ts";
export { type WitnessAnchorOptions, type WitnessFetch, witnessAnchor } from "./anchors/witness-anchor.ts";
export { AuditError, type AuditErrorCode } from "./audit-error.ts";
export { Journal } from "./journal/journal.ts";
export type { JournalOptions } from "./journal/journal-options.ts";
export { type JournalRepair, repairJournal } from "./journal/repair-journal.ts";
export { AuditLog } from "./log/audit-log.ts";
export type { AuditLogOptions, FailureMode } from "./log/audit-log-options.ts";
export { type CloseOnExitOptions, closeOnExit } from "./log/close-on-exit.ts";
export type { GuardedRecord } from "./log/guard-effect.ts";
export { toCefLine } from "./mappings/cef-line.ts";
export { toCloudEvent } from "./mappings/cloud-event.ts";
export { CSV_COLUMNS, toCsvRow } from "./mappings/csv-row.ts";
export { toEcsEvent } from "./mappings/ecs-event.ts";
export { toOcsfEvent } from "./mappings/ocsf-event.ts";
export { toOtelLogRecord } from "./mappings/otel-log-record.ts";
export { CompactRange } from "./merkle/compact-range.ts";
export { type ConsistencyProof, consistencyProof, verifyConsistency } from "./merkle/consistency-proof.ts";
export { type InclusionProof, inclusionProof, verifyInclusion } from "./merkle/inclusion-proof.ts";
export { leafHash } from "./merkle/tree-hash.ts";
export { type Checkpoint, signCheckpoint, verifyCheckpoint } from "./notes/checkpoint.ts";
export { type SignedEntry, signEntry, verifyEntrySignature } from "./notes/entry-signature.ts";
export { type NoteSignature, parseNote, type SignedNote, signNote, verifyNote } from "./notes/signed-note.ts";
export { formatTlogProof, verifyTlogProof } from "./notes/tlog-proof.ts";
export type { TrustedKey } from "./notes/trusted-key.ts";
export {
  formatVerifierKey,
  type NoteKeyType,
  parseVerifierKey,
  type VerifierKey,
  verifierKey,
} from "./notes/verifier-key.ts";
export { type FollowJournalOptions, followJournal } from "./read/follow-journal.ts";
export { JournalProofs } from "./read/journal-proofs.ts";
export { type JournalRecord, type JournalRecordsOptions, journalRecords } from "./read/journal-records.ts";
export { type MergedJournal, mergedRecords } from "./read/merged-records.ts";
export { type JournalRecordFilter, recordMatches } from "./read/record-matches.ts";
export type { CompressedSegment } from "./retention/compress-segment.ts";
export type { ClosedSegment, RetentionOptions } from "./retention/prune-segments.ts";
export { openSubjectData, sealSubjectData, subjectCommitment } from "./retention/subject-data.ts";
export type { RecordSink } from "./shipping/record-sink.ts";
export type { RequiredSinksOptions } from "./shipping/required-sinks.ts";
export { Shipper, type ShipperOptions } from "./shipping/shipper.ts";
export type { SinkFetch } from "./shipping/sink-fetch.ts";
export type { ChainState } from "./verify/chain-state.ts";
export { inspectionExitCode } from "./verify/inspection-exit-code.ts";
export { type InspectionJson, inspectionJson } from "./verify/inspection-json.ts";
export type { JournalFault } from "./verify/journal-fault.ts";
export {
  type Incompleteness,
  incompleteness,
  type JournalReport,
  type KeyChange,
  type TimeGap,
} from "./verify/journal-report.ts";
export {
  inspectJournal,
  type JournalInspection,
  type VerifiedJournal,
  type VerifyJournalOptions,
  type VerifyProgress,
  verifyJournal,
} from "./verify/verify-journal.ts";
export { type VerifiedSegment, verifySegment } from "./verify/verify-segment.ts";
