import { FilestoreError, readPrivateFile } from "@symbiont/filestore";
import { SecretError } from "../../errors.ts";
import { keyFileError } from "./key-file-error.ts";
import { mountedPath } from "./mounted-path.ts";

const MAX_BYTES = 4096;
const MOUNTED_MODE = 0o644;
const ATTEMPTS = 3;

/** Who may have a hand in a key file. */
export type KeyFileAccess =
  /** Nobody but its owner, which is us or root; no symbolic link. */
  | "owner"
  /**
   * The platform has put it there: root or we own the file and every step of the path, group and others may read
   * it but not change it, and symbolic links are followed. Whoever runs in the same container can read it.
   */
  | "mounted";

/** A file that is asked for. */
export interface KeyFile {
  /** Id of the provider, for messages. */
  readonly id: string;
  readonly path: string;
  readonly access: KeyFileAccess;
}

/** The bytes of a key file of at most 4 KiB; undefined when there is none. */
export async function readKeyFile(file: KeyFile): Promise<Uint8Array | undefined> {
  if (file.access === "owner") return read(file.id, file.path, 0o600);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const path = await mountedPath(file.id, file.path);
    if (path === undefined) return undefined;
    const bytes = await read(file.id, path, MOUNTED_MODE);
    if (bytes !== undefined) return bytes;
    // The platform has switched its links to a newer version between the look and the read.
  }
  throw new SecretError("SECRET_UNAVAILABLE", `key provider ${file.id}: the file keeps moving`);
}

async function read(id: string, path: string, mode: number): Promise<Uint8Array | undefined> {
  try {
    return (await readPrivateFile(path, { maxBytes: MAX_BYTES, mode })).bytes;
  } catch (error) {
    if (FilestoreError.is(error) && error.code === "FILE_NOT_FOUND") return undefined;
    throw keyFileError(id, error);
  }
}
