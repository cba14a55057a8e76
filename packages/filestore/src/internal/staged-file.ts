import { closeSync, fstatSync, futimesSync, lstatSync } from "node:fs";
import { FilestoreError } from "../errors.ts";
import type { FileSystem } from "../file-system.ts";
import { fileGeneration, type Generation, generationOf } from "../generation.ts";
import { ioError } from "./io-error.ts";
import { createPrivate } from "./open-private.ts";
import { assertPrivateDirectory, assertPrivateFile } from "./private-mode.ts";
import { removeQuietly } from "./remove-quietly.ts";
import { renameOver } from "./rename-over.ts";
import { syncFile } from "./sync-file.ts";
import { sweepOrphans, temporaryPath } from "./temporary-file.ts";
import { writeAll } from "./write-all.ts";

/** Where a file is staged. */
export interface Staging {
  /** Absolute path of the file to be replaced. */
  readonly target: string;
  readonly mode: number;
  readonly fileSystem: FileSystem;
}

/** New content that is durable beside its target, and neither seen nor in the way of anybody yet. */
export class StagedFile {
  readonly #staging: Staging;
  readonly #temporary: string;
  readonly #written: Generation;

  private constructor(staging: Staging, temporary: string, written: Generation) {
    this.#staging = staging;
    this.#temporary = temporary;
    this.#written = written;
  }

  /** Writes and syncs. On every error nothing is left behind. */
  static async write(staging: Staging, bytes: Uint8Array): Promise<StagedFile> {
    const { target, mode } = staging;
    assertReplaceable(target, mode);
    sweepOrphans(target, Date.now());
    const temporary = temporaryPath(target);
    try {
      return new StagedFile(staging, temporary, await writeTemporary(staging, temporary, bytes));
    } catch (error) {
      removeQuietly(temporary);
      throw ioError(error, target, "replacing the file");
    }
  }

  /**
   * Renames over the target; the directory is not synced yet. On every error the old file stays and nothing is left.
   * @param guard as `ReplaceFileOptions` has it.
   */
  async commit(guard: (() => boolean) | undefined): Promise<void> {
    const { target, fileSystem } = this.#staging;
    try {
      await renameOver(fileSystem, this.#temporary, target, () => {
        if (guard?.() === false)
          throw new FilestoreError("FILE_CONFLICT", "file changed before it was replaced", { path: target });
      });
    } catch (error) {
      this.discard();
      throw ioError(error, target, "replacing the file");
    }
  }

  /** Removes what was staged. */
  discard(): void {
    removeQuietly(this.#temporary);
  }

  /**
   * The generation that was committed. The rename moved the ctime; when another writer was faster, what we wrote is
   * no longer there to look at.
   */
  generation(): Generation {
    const now = fileGeneration(this.#staging.target);
    return now?.ino === this.#written.ino && now.mtimeNs === this.#written.mtimeNs ? now : this.#written;
  }
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
  { target, mode, fileSystem }: Staging,
  temporary: string,
  bytes: Uint8Array,
): Promise<Generation> {
  const descriptor = createPrivate(fileSystem, temporary, mode);
  try {
    writeAll(fileSystem, { descriptor, path: target }, bytes, 0);
    stampTime(descriptor);
    const synced = syncFile(fileSystem, { descriptor, path: target });
    try {
      // Looked at while the disk works: a sync changes nothing of it.
      return generationOf(fstatSync(descriptor, { bigint: true }));
    } finally {
      await synced;
    }
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
