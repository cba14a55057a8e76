import { closeSync, fstatSync, futimesSync, lstatSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { FilestoreError } from "./errors.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { fileGeneration, type Generation } from "./generation.ts";
import { generationOf } from "./internal/generation-of.ts";
import { ioError } from "./internal/io-error.ts";
import { createPrivate } from "./internal/open-private.ts";
import { checkedBytes, checkedMode } from "./internal/options.ts";
import { assertPrivateDirectory, assertPrivateFile } from "./internal/private-mode.ts";
import { removeQuietly } from "./internal/remove-quietly.ts";
import { renameOver } from "./internal/rename-over.ts";
import { syncFile } from "./internal/sync-file.ts";
import { sweepOrphans, temporaryPath } from "./internal/temporary-file.ts";
import { writeAll } from "./internal/write-all.ts";
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
  assertReplaceable(target, mode);
  sweepOrphans(target, Date.now());

  const temporary = temporaryPath(target);
  let written: Generation;
  try {
    written = await writeTemporary(fileSystem, { temporary, target, mode }, bytes);
    await renameOver(fileSystem, temporary, target, () => {
      if (options.guard?.() === false)
        throw new FilestoreError("FILE_CONFLICT", "file changed before it was replaced", { path: target });
    });
  } catch (error) {
    removeQuietly(temporary);
    throw ioError(error, target, "replacing the file");
  }
  await syncDirectory(dirname(target), fileSystem);
  return settledGeneration(target, written);
}

function assertReplaceable(target: string, mode: number): void {
  assertPrivateDirectory(target);
  try {
    const stats = lstatSync(target, { bigint: true, throwIfNoEntry: false });
    if (stats !== undefined) assertPrivateFile(stats, target, mode);
  } catch (error) {
    throw ioError(error, target, "looking at the file");
  }
}

async function writeTemporary(
  fileSystem: FileSystem,
  file: { readonly temporary: string; readonly target: string; readonly mode: number },
  bytes: Uint8Array,
): Promise<Generation> {
  const descriptor = createPrivate(fileSystem, file.temporary, file.mode);
  try {
    writeAll(fileSystem, { descriptor, path: file.target }, bytes, 0);
    stampTime(descriptor);
    await syncFile(fileSystem, { descriptor, path: file.target });
    return generationOf(fstatSync(descriptor, { bigint: true }));
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Gives every generation its own mtime. Kernels before 6.13 stamp files from a clock that ticks every few
 * milliseconds, and inode numbers are reused at once: two replaces within a tick could otherwise bring back
 * the identity of a generation that somebody has cached.
 */
function stampTime(descriptor: number): void {
  const withinMillisecond = Number(process.hrtime.bigint() % 1_000_000n) / 1e9;
  const seconds = Date.now() / 1000 + withinMillisecond;
  futimesSync(descriptor, seconds, seconds);
}

/** The rename moved the ctime; when another writer was faster, what we wrote is no longer there to look at. */
function settledGeneration(target: string, written: Generation): Generation {
  const now = fileGeneration(target);
  return now?.ino === written.ino && now.mtimeNs === written.mtimeNs ? now : written;
}
