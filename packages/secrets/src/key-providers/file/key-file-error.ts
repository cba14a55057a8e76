import { FilestoreError, type FilestoreErrorCode } from "@symbiont/filestore";
import { SecretError, type SecretErrorCode } from "../../errors.ts";

const CODES: Partial<Readonly<Record<FilestoreErrorCode, SecretErrorCode>>> = {
  FILE_EXISTS: "SECRET_KEY_EXISTS",
  FILE_IS_SYMLINK: "SECRET_FILE_NOT_PRIVATE",
  FILE_NOT_PRIVATE: "SECRET_FILE_NOT_PRIVATE",
  FILE_WRONG_OWNER: "SECRET_FILE_NOT_PRIVATE",
  FILE_DIRECTORY_NOT_PRIVATE: "SECRET_FILE_NOT_PRIVATE",
  FILE_NOT_REGULAR: "SECRET_KEY_INVALID",
  FILE_TOO_LARGE: "SECRET_KEY_INVALID",
  FILE_ACCESS_DENIED: "SECRET_ACCESS_DENIED",
  FILE_READ_ONLY: "SECRET_READ_ONLY",
};

const ADVICE: Partial<Readonly<Record<FilestoreErrorCode, string>>> = {
  FILE_IS_SYMLINK: "; for a mounted credential set access to mounted",
  FILE_NOT_PRIVATE: "; run chmod 600, or set access to mounted for a mounted credential",
};

/** Says in our words why a key file was refused; anything that is not the file store's passes unchanged. */
export function keyFileError(id: string, error: unknown): unknown {
  if (!FilestoreError.is(error)) return error;
  const code = CODES[error.code] ?? "SECRET_UNAVAILABLE";
  const message = `key provider ${id}: ${error.message}${ADVICE[error.code] ?? ""}`;
  return new SecretError(code, message, { cause: error, retryable: error.retryable });
}
