import { SymbiontError, type SymbiontErrorOptions } from "@symbiont/kit";

/** Why the journal, or something that proves it, was refused. */
export type AuditErrorCode =
  | "AUDIT_UNAVAILABLE"
  | "AUDIT_OUTCOME_UNRECORDED"
  | "AUDIT_CLOSED"
  | "AUDIT_RECORD_INVALID"
  | "AUDIT_CORRUPT"
  | "AUDIT_ROLLBACK"
  | "AUDIT_FORKED"
  | "AUDIT_NOT_FOUND"
  | "AUDIT_NOTE_MALFORMED"
  | "AUDIT_NOTE_UNTRUSTED"
  | "AUDIT_PROOF_INVALID"
  | "AUDIT_KEY_MALFORMED";

/** What is known besides an error's code. */
export interface AuditErrorOptions extends SymbiontErrorOptions {
  readonly record?: number;
  readonly segment?: string;
  readonly offset?: number;
  readonly effectCompleted?: true;
}

/** Error of `@symbiont/audit`. */
export class AuditError extends SymbiontError<AuditErrorCode> {
  /** Sequence of the record the error is about, when it is about one. */
  readonly record?: number;
  /** File name of the segment, and where in it the record begins, in bytes, when that is known. */
  readonly segment?: string;
  readonly offset?: number;
  /** Set when something was done that could not be recorded: trying again may do it twice. */
  readonly effectCompleted?: true;

  constructor(code: AuditErrorCode, message: string, options: AuditErrorOptions = {}) {
    super(code, message, options);
    if (options.record !== undefined) this.record = options.record;
    if (options.segment !== undefined) this.segment = options.segment;
    if (options.offset !== undefined) this.offset = options.offset;
    if (options.effectCompleted === true) this.effectCompleted = true;
  }
}
