import { FilestoreError, type FilestoreErrorCode } from "../errors.ts";

const CODES: ReadonlyMap<string, FilestoreErrorCode> = new Map([
  ["ENOENT", "FILE_NOT_FOUND"],
  ["ENOTDIR", "FILE_NOT_FOUND"],
  ["EEXIST", "FILE_EXISTS"],
  ["ELOOP", "FILE_IS_SYMLINK"],
  ["EMLINK", "FILE_IS_SYMLINK"],
  ["EISDIR", "FILE_NOT_REGULAR"],
  ["ENXIO", "FILE_NOT_REGULAR"],
  ["EACCES", "FILE_ACCESS_DENIED"],
  ["EPERM", "FILE_ACCESS_DENIED"],
  ["EROFS", "FILE_READ_ONLY"],
  ["ENOSPC", "FILE_NO_SPACE"],
  ["EDQUOT", "FILE_NO_SPACE"],
]);

const PASSING: ReadonlySet<string> = new Set(["EAGAIN", "EBUSY", "EINTR", "EMFILE", "ENFILE", "ENOMEM"]);

/** The system's name of an error (`ENOENT`, …), or undefined when the error is not the system's. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error) || !("syscall" in error))
    return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Wraps an error of the system; anything else (a wrong argument, an error of ours) passes unchanged. */
export function ioError(error: unknown, path: string, doing: string): unknown {
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  const code = CODES.get(errno) ?? "FILE_IO";
  const retryable = PASSING.has(errno) ? { retryable: true } : {};
  return new FilestoreError(code, `${doing} failed with ${errno}`, { path, cause: error, ...retryable });
}
