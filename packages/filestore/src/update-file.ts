import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { acquireLock, type FileLock, type LockOptions } from "./acquire-lock.ts";
import { FilestoreError } from "./errors.ts";
import { nodeFileSystem } from "./file-system.ts";
import { fileGeneration, type Generation, sameGeneration } from "./generation.ts";
import { lockPathOf } from "./internal/lock/lock-directory.ts";
import { checkedBytes, checkedInteger, checkedMode } from "./internal/options.ts";
import { StagedFile, type Staging } from "./internal/staged-file.ts";
import { type PrivateFile, readPrivateFile } from "./read-private-file.ts";
import type { ReplaceFileOptions } from "./replace-file.ts";
import { syncDirectory } from "./sync-directory.ts";

const ATTEMPTS = 5;

/** How a file is read, changed and written back. */
export interface UpdateFileOptions extends LockOptions, Omit<ReplaceFileOptions, "guard"> {
  /** Largest file that is read or written, in bytes. */
  readonly maxBytes: number;
  /**
   * What the caller has read or written before. As long as this generation is the one on disk the file is not read again,
   * and `change` is given this very object. Default none.
   */
  readonly remembered?: PrivateFile;
}

/**
 * Computes the new content from the current one (undefined when there is no file), or returns undefined to
 * leave the file as it is. May be called several times: it must do nothing but compute.
 */
export type FileChange = (
  current: PrivateFile | undefined,
) => Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** What an update came to. */
export interface FileUpdate {
  readonly changed: boolean;
  /** The generation now on disk; undefined when there is still no file. */
  readonly generation: Generation | undefined;
}

/**
 * Reads a file, changes it and replaces it, so that no update of another process is lost.
 *
 * The change is computed and written beside the file before the lock is taken, because that may be slow (a key
 * derivation, a disk); under the lock it is computed again only if the file has changed meanwhile. Right before the rename both the lock and the
 * generation are looked at once more: an update is lost only if the lock was lost *and* another writer comes
 * within the microseconds between this look and the rename.
 * @throws FilestoreError `FILE_CONFLICT` or `FILE_LOCK_LOST` after five attempts, `FILE_TOO_LARGE`, and what
 * {@link readPrivateFile}, {@link acquireLock} and {@link replaceFile} throw; whatever `change` throws.
 */
export async function updateFile(
  path: string,
  change: FileChange,
  options: UpdateFileOptions,
): Promise<FileUpdate> {
  const absolute = resolve(path);
  checkedInteger("maxBytes", options.maxBytes, 0);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryUpdate(absolute, change, options);
    } catch (error) {
      const overtaken =
        FilestoreError.is(error) && (error.code === "FILE_CONFLICT" || error.code === "FILE_LOCK_LOST");
      if (!overtaken || attempt === ATTEMPTS) throw error;
    }
  }
}

async function tryUpdate(path: string, change: FileChange, options: UpdateFileOptions): Promise<FileUpdate> {
  const staging: Staging = {
    target: path,
    mode: checkedMode(options.mode),
    fileSystem: options.fileSystem ?? nodeFileSystem,
  };
  const { remembered } = options;
  let current =
    remembered !== undefined && sameGeneration(fileGeneration(path), remembered.generation)
      ? remembered
      : await readIfThere(path, options);
  const next = await change(current);
  if (next === undefined) return { changed: false, generation: current?.generation };

  // The disk takes the new content while the lock is made: most often the file is then still the one it was. It is
  // not where somebody else has the lock just now.
  let staged = existsSync(lockPathOf(path)) ? undefined : stage(staging, next, options.maxBytes);
  let synced: Promise<void>;
  let lock: FileLock | undefined;
  try {
    lock = await acquireLock(path, options);
    if (!sameGeneration(fileGeneration(path), current?.generation)) {
      await discard(staged);
      current = await readIfThere(path, options);
      const newer = await change(current);
      if (newer === undefined) return { changed: false, generation: current?.generation };
      staged = stage(staging, newer, options.maxBytes);
    }
    staged ??= stage(staging, next, options.maxBytes);
    const held = lock;
    const base = current?.generation;
    const file = await staged;
    await file.commit(() => {
      held.assertHeld();
      return sameGeneration(fileGeneration(path), base);
    });
    // Nobody has to wait for the directory but the caller.
    synced = syncDirectory(dirname(path), staging.fileSystem);
    synced.catch(() => undefined);
  } catch (error) {
    await discard(staged);
    throw error;
  } finally {
    // The outcome is decided: a lock that cannot be given back only makes the next one wait.
    await lock?.release().catch(() => undefined);
  }
  await synced;
  return { changed: true, generation: (await staged).generation() };
}

/** Begins to write; whoever waits for it later learns what came of it. */
function stage(staging: Staging, bytes: Uint8Array, maxBytes: number): Promise<StagedFile> {
  if (checkedBytes("the new content", bytes).length > maxBytes)
    throw new FilestoreError("FILE_TOO_LARGE", `new content is larger than ${maxBytes} bytes`, {
      path: staging.target,
    });
  const staged = StagedFile.write(staging, bytes);
  staged.catch(() => undefined);
  return staged;
}

async function discard(staged: Promise<StagedFile> | undefined): Promise<void> {
  const file = await staged?.catch(() => undefined);
  file?.discard();
}

async function readIfThere(path: string, options: UpdateFileOptions): Promise<PrivateFile | undefined> {
  try {
    return await readPrivateFile(path, options);
  } catch (error) {
    if (FilestoreError.is(error) && error.code === "FILE_NOT_FOUND") return undefined;
    throw error;
  }
}
