import { realpath } from "node:fs/promises";
import { FilestoreError, readPrivateFile } from "@symbiont/filestore";
import { decodeUtf8 } from "@symbiont/kit";
import { SecretError } from "../errors.ts";

const MAX_BYTES = 65_536;

/** How a credential file is read. */
export interface CredentialFileOptions {
  /**
   * Most permission bits the file may have. Kubernetes mounts tokens with `0o644`; nobody but the owner may ever have
   * the right to write. Default `0o600`.
   */
  readonly mode?: number;
}

/**
 * Makes a credential of a file that is read anew at every login. Symbolic links are followed, as Kubernetes mounts
 * have them; one final newline is dropped.
 * @throws SecretError (when called) `SECRET_FILE_NOT_PRIVATE`, `SECRET_LOGIN_FAILED`.
 */
export function credentialFromFile(path: string, options: CredentialFileOptions = {}): () => Promise<string> {
  return async () => {
    try {
      const { bytes } = await readPrivateFile(await realpath(path), { maxBytes: MAX_BYTES, ...options });
      const text = decodeUtf8(bytes);
      bytes.fill(0);
      return text.replace(/\r?\n$/, "");
    } catch (cause) {
      throw unreadable(cause);
    }
  };
}

const NOT_PRIVATE: ReadonlySet<string> = new Set([
  "FILE_NOT_PRIVATE",
  "FILE_WRONG_OWNER",
  "FILE_DIRECTORY_NOT_PRIVATE",
]);

function unreadable(cause: unknown): SecretError {
  if (FilestoreError.is(cause) && NOT_PRIVATE.has(cause.code))
    return new SecretError(
      "SECRET_FILE_NOT_PRIVATE",
      `the credential file is not private: ${cause.message}`,
      {
        cause,
      },
    );
  return new SecretError("SECRET_LOGIN_FAILED", "the credential file cannot be read", { cause });
}
