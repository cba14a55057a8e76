import { type BigIntStats, closeSync, constants, fchmodSync, fstatSync, lstatSync } from "node:fs";
import type { FileSystem } from "../file-system.ts";
import { ioError } from "./io-error.ts";
import { assertPrivateDirectory, assertPrivateFile } from "./private-mode.ts";

// Absent on Windows. O_NONBLOCK keeps the open of a FIFO from waiting for a peer that never comes.
const SAFE_OPEN = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** A descriptor and what it looked like when it was checked. */
export interface OpenedFile {
  readonly descriptor: number;
  readonly stats: BigIntStats;
}

/** Opens an existing private file; what is checked is the descriptor itself, so nothing can be swapped after. */
export function openPrivate(fileSystem: FileSystem, path: string, flags: number, mode: number): OpenedFile {
  assertPrivateDirectory(path);
  try {
    if (constants.O_NOFOLLOW === undefined) assertPrivateFile(lstatSync(path, { bigint: true }), path, mode);
    const descriptor = fileSystem.open(path, flags | SAFE_OPEN, mode);
    return closeOnError(descriptor, () => {
      const stats = fstatSync(descriptor, { bigint: true });
      assertPrivateFile(stats, path, mode);
      return { descriptor, stats };
    });
  } catch (error) {
    throw ioError(error, path, "opening the file");
  }
}

/**
 * Creates a file that did not exist, with exactly `mode` whatever the umask, open for reading and writing.
 * The caller has checked the directory, and names the file in the error.
 */
export function createPrivate(fileSystem: FileSystem, path: string, mode: number): number {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | SAFE_OPEN;
  const descriptor = fileSystem.open(path, flags, mode);
  return closeOnError(descriptor, () => {
    fchmodSync(descriptor, mode);
    return descriptor;
  });
}

function closeOnError<T>(descriptor: number, use: () => T): T {
  try {
    return use();
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}
