import { SymbiontError, type SymbiontErrorOptions } from "@symbiont/kit";

/** Why a file operation was refused or failed. */
export type FilestoreErrorCode =
  | "FILE_NOT_FOUND"
  | "FILE_EXISTS"
  | "FILE_NOT_REGULAR"
  | "FILE_IS_SYMLINK"
  | "FILE_NOT_PRIVATE"
  | "FILE_WRONG_OWNER"
  | "FILE_DIRECTORY_NOT_PRIVATE"
  | "FILE_ACCESS_DENIED"
  | "FILE_READ_ONLY"
  | "FILE_TOO_LARGE"
  | "FILE_LINE_TOO_LONG"
  | "FILE_FORMAT_INVALID"
  | "FILE_CONFLICT"
  | "FILE_FORKED"
  | "FILE_TORN_TAIL"
  | "FILE_SYNC_FAILED"
  | "FILE_NO_SPACE"
  | "FILE_CLOSED"
  | "FILE_LOCK_TIMEOUT"
  | "FILE_LOCK_LOST"
  | "FILE_IO";

const RETRYABLE: ReadonlySet<FilestoreErrorCode> = new Set([
  "FILE_CONFLICT",
  "FILE_NO_SPACE",
  "FILE_LOCK_TIMEOUT",
  "FILE_LOCK_LOST",
]);

/** Error of `@symbiont/filestore`. `retryable` follows from the code, and for `FILE_IO` from the cause. */
export class FilestoreError extends SymbiontError<FilestoreErrorCode> {
  /** Absolute path of the file the caller asked about. */
  readonly path: string;

  constructor(
    code: FilestoreErrorCode,
    message: string,
    options: SymbiontErrorOptions & { readonly path: string },
  ) {
    super(code, message, { ...options, retryable: options.retryable ?? RETRYABLE.has(code) });
    this.path = options.path;
  }
}
