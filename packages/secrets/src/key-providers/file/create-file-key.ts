import { unlinkSync } from "node:fs";
import { resolve } from "node:path";
import { AppendFile, FilestoreError } from "@symbiont/filestore";
import { encodeUtf8 } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import { generateKeyText } from "../../internal/generate-key-text.ts";
import type { LocalKeyProvider } from "../../key-provider.ts";
import { fileKey } from "./file-key.ts";
import { keyFileError } from "./key-file-error.ts";

/**
 * Generates a key of 32 random bytes and writes it to a new file that only its owner may touch: one line of
 * base64. When it resolves, the file survives a power failure. There is no way to have it replace a file, and
 * nothing else of this library makes a key on its own.
 *
 * Keep the file away from the store that it opens, and a copy in a safe place: without it the store is lost.
 * @returns a provider over the file.
 * @throws SecretError `SECRET_KEY_EXISTS`, `SECRET_FILE_NOT_PRIVATE` (others could replace files in the folder),
 * `SECRET_ACCESS_DENIED`, `SECRET_READ_ONLY`, `SECRET_UNAVAILABLE` (no such folder, disk full); then there is no
 * new file.
 */
export async function createFileKey(path: string): Promise<LocalKeyProvider> {
  const provider = fileKey(path);
  const line = encodeUtf8(`${generateKeyText()}\n`);
  try {
    await writeNew(resolve(path), line);
  } catch (error) {
    if (FilestoreError.is(error) && error.code === "FILE_NOT_FOUND")
      throw new SecretError("SECRET_UNAVAILABLE", `key provider ${provider.id}: there is no such folder`, {
        cause: error,
        retryable: false,
      });
    throw keyFileError(provider.id, error);
  } finally {
    line.fill(0);
  }
  return provider;
}

async function writeNew(path: string, line: Uint8Array): Promise<void> {
  const file = await AppendFile.create(path);
  try {
    file.append([line]);
    await file.sync();
  } catch (error) {
    // Half a key must not be found by anyone: it might pass for a passphrase.
    removeQuietly(path);
    throw error;
  } finally {
    await file.close();
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The error that is being thrown matters more.
  }
}
