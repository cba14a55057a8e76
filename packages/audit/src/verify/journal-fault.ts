import type { AuditErrorCode } from "../audit-error.ts";

/** The first thing that is wrong with a journal. */
export interface JournalFault {
  readonly code: AuditErrorCode;
  readonly message: string;
  /** Sequence of the record it is about; absent when it is about none. */
  readonly record?: number;
  /** File name of the record's segment, and where in it the record begins, in bytes. */
  readonly segment?: string;
  readonly offset?: number;
}
