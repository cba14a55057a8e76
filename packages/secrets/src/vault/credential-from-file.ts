import { FilestoreError, readPrivateFile } from "@symbiont/filestore";
import { decodeUtf8 } from "@symbiont/kit";
import { SecretError } from "../errors.ts";
import { mountedPath } from "../key-providers/file/mounted-path.ts";

const MAX_BYTES = 65_536;
const ATTEMPTS = 3;

/** How a credential file is read. */
export interface CredentialFileOptions {
  /**
   * Who may have a hand in the file. `owner`: nobody but its owner, which is us or root; no symbolic link. `mounted`:
   * the platform has put it there, as Kubernetes does: group and others may read but not change it, and symbolic
   * links are followed. Default `owner`.
   */
  readonly access?: "owner" | "mounted";
}

/**
 * Makes a credential of a file that is read anew at every login. One final newline is dropped.
 * @throws TypeError for a wrong option; SecretError (when called) `SECRET_FILE_NOT_PRIVATE`, `SECRET_LOGIN_FAILED`.
 */
export function credentialFromFile(path: string, options: CredentialFileOptions = {}): () => Promise<string> {
  const { access = "owner" } = options;
  if (access !== "owner" && access !== "mounted") throw new TypeError(`access must be "owner" or "mounted"`);
  return async () => {
    try {
      const bytes = access === "owner" ? await read(path, 0o600) : await readMounted(path);
      const text = decodeUtf8(bytes);
      bytes.fill(0);
      return text.replace(/\r?\n$/, "");
    } catch (cause) {
      throw unreadable(cause);
    }
  };
}

async function readMounted(path: string): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    const file = await mountedPath("credential file", path);
    if (file === undefined) throw new SecretError("SECRET_LOGIN_FAILED", "there is no such file");
    try {
      return await read(file, 0o644);
    } catch (error) {
      // The platform may have switched its links to a newer version between the look and the read.
      if (attempt === ATTEMPTS || !FilestoreError.is(error) || error.code !== "FILE_NOT_FOUND") throw error;
    }
  }
}

async function read(path: string, mode: number): Promise<Uint8Array> {
  return (await readPrivateFile(path, { maxBytes: MAX_BYTES, mode })).bytes;
}

const NOT_PRIVATE: ReadonlySet<string> = new Set([
  "FILE_NOT_PRIVATE",
  "FILE_WRONG_OWNER",
  "FILE_DIRECTORY_NOT_PRIVATE",
  "FILE_IS_SYMLINK",
  "SECRET_FILE_NOT_PRIVATE",
]);

function unreadable(cause: unknown): SecretError {
  const code = FilestoreError.is(cause) || SecretError.is(cause) ? cause.code : "";
  if (NOT_PRIVATE.has(code))
    return new SecretError("SECRET_FILE_NOT_PRIVATE", `the credential file is not private: ${code}`, {
      cause,
    });
  return new SecretError("SECRET_LOGIN_FAILED", "the credential file cannot be read", { cause });
}
