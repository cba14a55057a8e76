import { resolve } from "node:path";
import { acquireLock, type LockOptions } from "./acquire-lock.ts";
import { FilestoreError } from "./errors.ts";
import { fileGeneration, type Generation, sameGeneration } from "./generation.ts";
import { checkedInteger } from "./internal/options.ts";
import { type PrivateFile, readPrivateFile } from "./read-private-file.ts";
import { type ReplaceFileOptions, replaceFile } from "./replace-file.ts";

const ATTEMPTS = 5;

/** How a file is read, changed and written back. */
export interface UpdateFileOptions extends LockOptions, Omit<ReplaceFileOptions, "guard"> {
  /** Largest file that is read or written, in bytes. */
  readonly maxBytes: number;
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
 * The change is computed before the lock is taken, because it may be slow (a key derivation); under the lock
 * it is computed again only if the file has changed meanwhile. Right before the rename both the lock and the
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
  let current = await readIfThere(path, options);
  let next = await change(current);
  if (next === undefined) return { changed: false, generation: current?.generation };

  const lock = await acquireLock(path, options);
  try {
    if (!sameGeneration(fileGeneration(path), current?.generation)) {
      current = await readIfThere(path, options);
      next = await change(current);
      if (next === undefined) return { changed: false, generation: current?.generation };
    }
    if (next.length > options.maxBytes)
      throw new FilestoreError("FILE_TOO_LARGE", `new content is larger than ${options.maxBytes} bytes`, {
        path,
      });
    const base = current?.generation;
    const guard = (): boolean => {
      lock.assertHeld();
      return sameGeneration(fileGeneration(path), base);
    };
    return { changed: true, generation: await replaceFile(path, next, { ...options, guard }) };
  } finally {
    // The outcome is decided: a lock that cannot be given back only makes the next one wait.
    await lock.release().catch(() => undefined);
  }
}

async function readIfThere(path: string, options: UpdateFileOptions): Promise<PrivateFile | undefined> {
  try {
    return await readPrivateFile(path, options);
  } catch (error) {
    if (FilestoreError.is(error) && error.code === "FILE_NOT_FOUND") return undefined;
    throw error;
  }
}
