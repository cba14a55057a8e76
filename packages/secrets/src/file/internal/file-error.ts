import { FilestoreError, type FilestoreErrorCode } from "@symbiont/filestore";
import { SecretError, type SecretErrorCode } from "../../errors.ts";

const CODES: Readonly<Record<FilestoreErrorCode, SecretErrorCode>> = {
  FILE_NOT_FOUND: "SECRET_STORE_MISSING",
  FILE_EXISTS: "SECRET_STORE_EXISTS",
  FILE_NOT_REGULAR: "SECRET_FORMAT_INVALID",
  FILE_IS_SYMLINK: "SECRET_FILE_NOT_PRIVATE",
  FILE_NOT_PRIVATE: "SECRET_FILE_NOT_PRIVATE",
  FILE_WRONG_OWNER: "SECRET_FILE_NOT_PRIVATE",
  FILE_DIRECTORY_NOT_PRIVATE: "SECRET_FILE_NOT_PRIVATE",
  FILE_ACCESS_DENIED: "SECRET_ACCESS_DENIED",
  FILE_READ_ONLY: "SECRET_READ_ONLY",
  FILE_TOO_LARGE: "SECRET_TOO_LARGE",
  FILE_LINE_TOO_LONG: "SECRET_TOO_LARGE",
  FILE_FORMAT_INVALID: "SECRET_FORMAT_INVALID",
  FILE_CONFLICT: "SECRET_UNAVAILABLE",
  FILE_FORKED: "SECRET_UNAVAILABLE",
  FILE_TORN_TAIL: "SECRET_UNAVAILABLE",
  FILE_SYNC_FAILED: "SECRET_UNAVAILABLE",
  FILE_NO_SPACE: "SECRET_UNAVAILABLE",
  FILE_CLOSED: "SECRET_CLOSED",
  FILE_LOCK_TIMEOUT: "SECRET_TIMED_OUT",
  FILE_LOCK_LOST: "SECRET_UNAVAILABLE",
  FILE_IO: "SECRET_UNAVAILABLE",
};

/** Says what went wrong with a file in the words of this package. Anything else passes unchanged. */
export function fileError(error: unknown, signal?: AbortSignal): unknown {
  if (SecretError.is(error)) return error;
  if (FilestoreError.is(error)) {
    const { message, retryable } = error;
    return new SecretError(CODES[error.code], `the secret file cannot be used: ${message}`, {
      cause: error,
      retryable,
    });
  }
  if (signal?.aborted === true && error === signal.reason)
    return new SecretError("SECRET_ABORTED", "the call was aborted");
  return error;
}
