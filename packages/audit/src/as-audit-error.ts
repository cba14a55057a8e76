import { FilestoreError } from "@symbiont/filestore";
import { AuditError } from "./audit-error.ts";

/** Wraps what is not an `AuditError` yet. */
export function asAuditError(error: unknown): AuditError {
  if (AuditError.is(error)) return error;
  if (FilestoreError.is(error)) {
    switch (error.code) {
      case "FILE_LOCK_TIMEOUT":
        return unavailable("another process writes this journal", error);
      case "FILE_FORKED":
      case "FILE_LOCK_LOST":
        return new AuditError("AUDIT_FORKED", "somebody else writes this journal", { cause: error });
      case "FILE_LINE_TOO_LONG":
      case "FILE_FORMAT_INVALID":
        return new AuditError("AUDIT_CORRUPT", "a segment cannot be read as lines", { cause: error });
      default:
    }
  }
  return unavailable("the journal's files cannot be used", error);
}

/** What cannot be done now. */
export function unavailable(message: string, cause?: unknown): AuditError {
  return new AuditError("AUDIT_UNAVAILABLE", message, { cause, retryable: true });
}
