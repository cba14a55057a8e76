import { type BigIntStats, closeSync, constants, fstatSync } from "node:fs";
import { resolve } from "node:path";
import { FilestoreError } from "./errors.ts";
import { nodeFileSystem } from "./file-system.ts";
import type { Generation } from "./generation.ts";
import { generationOf } from "./generation.ts";
import { ioError } from "./internal/io-error.ts";
import { openPrivate } from "./internal/open-private.ts";
import { checkedInteger, checkedMode } from "./internal/options.ts";
import { readAt } from "./internal/read-at.ts";

/** How a private file is read. */
export interface ReadPrivateFileOptions {
  /** Largest file that is read at all, in bytes. */
  readonly maxBytes: number;
  /** Most permission bits the file may have. Default `0o600`. */
  readonly mode?: number;
}

/** The whole of a file and which generation of it that is. */
export interface PrivateFile {
  readonly bytes: Uint8Array;
  readonly generation: Generation;
}

/**
 * Reads a file that only its owner may touch. Takes no lock: {@link replaceFile} never shows half a file.
 *
 * The descriptor that is read is the one that was checked. A file that somebody edits in place meanwhile is
 * not returned.
 * @throws FilestoreError `FILE_NOT_FOUND`, `FILE_IS_SYMLINK`, `FILE_NOT_REGULAR`, `FILE_NOT_PRIVATE`,
 * `FILE_WRONG_OWNER`, `FILE_DIRECTORY_NOT_PRIVATE`, `FILE_TOO_LARGE` (before anything is read),
 * `FILE_CONFLICT` (edited while it was read), `FILE_ACCESS_DENIED`, `FILE_IO`.
 */
export async function readPrivateFile(path: string, options: ReadPrivateFileOptions): Promise<PrivateFile> {
  const absolute = resolve(path);
  const maxBytes = checkedInteger("maxBytes", options.maxBytes, 0);
  const mode = checkedMode(options.mode);
  const { descriptor, stats } = openPrivate(nodeFileSystem, absolute, constants.O_RDONLY, mode);
  try {
    if (stats.size > BigInt(maxBytes))
      throw new FilestoreError("FILE_TOO_LARGE", `file is larger than ${maxBytes} bytes`, { path: absolute });
    const bytes = await readAt(descriptor, 0, Number(stats.size));
    if (wasEdited(stats, fstatSync(descriptor, { bigint: true }), bytes.length))
      throw new FilestoreError("FILE_CONFLICT", "file changed while it was read", { path: absolute });
    return { bytes, generation: generationOf(stats) };
  } catch (error) {
    throw ioError(error, absolute, "reading the file");
  } finally {
    closeSync(descriptor);
  }
}

// Not ctime: it also moves when the file is replaced by a newer one, and then these bytes are still whole.
function wasEdited(before: BigIntStats, after: BigIntStats, length: number): boolean {
  return BigInt(length) !== before.size || after.size !== before.size || after.mtimeNs !== before.mtimeNs;
}
