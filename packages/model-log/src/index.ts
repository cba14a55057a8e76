export type { DerivedKey, KeyVault, LogKeys, StretchParameters } from "./keys/log-keys.ts";
export {
  type PassphraseKeysOptions,
  passphraseKeys,
  type StretchPassphrase,
} from "./keys/passphrase-keys.ts";
export { type LogCallOptions, logCall } from "./log-call.ts";
export { ModelLogError, type ModelLogErrorCode } from "./model-log-error.ts";
export { type ReadModelLogOptions, type RecordFilter, readModelLog } from "./reading/read-model-log.ts";
export type { SegmentRecord } from "./reading/read-segment.ts";
export { type SegmentReport, verifyModelLog } from "./reading/verify-model-log.ts";
export type { AnswerMeta, CallKind, CallMeta, CallOutcome, HideableMeta, RecordMeta } from "./record-meta.ts";
export type { PrunedSegment, RetentionOptions } from "./retention/prune-segments.ts";
export { type LoggedCall, ModelLog } from "./writing/model-log.ts";
export type { ModelLogOptions } from "./writing/model-log-options.ts";
