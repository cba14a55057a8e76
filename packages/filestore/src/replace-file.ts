import { dirname, resolve } from "node:path";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import type { Generation } from "./generation.ts";
import { checkedBytes, checkedMode } from "./internal/options.ts";
import { StagedFile } from "./internal/staged-file.ts";
import { syncDirectory } from "./sync-directory.ts";

/** How a file is replaced. */
export interface ReplaceFileOptions {
  /** Permission bits of the new file, and the most the old one may have. Default `0o600`. */
  readonly mode?: number;
  /**
   * Asked right before the rename, when everything slow is done. `false` refuses with `FILE_CONFLICT`; what
   * it throws is thrown. Must be synchronous: nothing may come between the answer and the rename.
   */
  readonly guard?: () => boolean;
  /** Default the machine's own. */
  readonly fileSystem?: FileSystem;
}

/**
 * Replaces a file, or creates it, so that whoever looks sees the whole old or the whole new content, also
 * after a crash. When it resolves, the new content survives a power failure.
 *
 * On every error the old file is untouched and nothing is left behind, with one exception: after
 * `FILE_SYNC_FAILED` from the directory the new content is visible, but a power failure may undo it.
 * @returns the generation now on disk.
 * @throws FilestoreError `FILE_CONFLICT` (the guard refused), `FILE_SYNC_FAILED`, `FILE_NO_SPACE`,
 * `FILE_READ_ONLY`, `FILE_NOT_FOUND` (no such directory), `FILE_IS_SYMLINK`, `FILE_NOT_REGULAR`,
 * `FILE_NOT_PRIVATE`, `FILE_WRONG_OWNER`, `FILE_DIRECTORY_NOT_PRIVATE`, `FILE_ACCESS_DENIED`, `FILE_IO`.
 */
export async function replaceFile(
  path: string,
  bytes: Uint8Array,
  options: ReplaceFileOptions = {},
): Promise<Generation> {
  const target = resolve(path);
  checkedBytes("bytes", bytes);
  const mode = checkedMode(options.mode);
  const fileSystem = options.fileSystem ?? nodeFileSystem;
  const staged = await StagedFile.write({ target, mode, fileSystem }, bytes);
  await staged.commit(options.guard);
  await syncDirectory(dirname(target), fileSystem);
  return staged.generation();
}
