import { closeSync, constants } from "node:fs";
import { resolve } from "node:path";
import { FilestoreError } from "./errors.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { errnoOf } from "./internal/io-error.ts";

// What systems answer that cannot sync a directory at all. Nothing more can be done there.
const UNSUPPORTED: ReadonlySet<string> = new Set(["EISDIR", "EPERM", "EINVAL", "ENOTSUP"]);

/**
 * Makes the names in a directory durable: without it a created, renamed or removed file may be undone by a
 * power failure although its content was synced.
 * @throws FilestoreError `FILE_SYNC_FAILED`.
 * @see https://man7.org/linux/man-pages/man2/fsync.2.html
 */
export async function syncDirectory(path: string, fileSystem: FileSystem = nodeFileSystem): Promise<void> {
  const absolute = resolve(path);
  let descriptor: number | undefined;
  try {
    descriptor = fileSystem.open(absolute, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0), 0);
    await fileSystem.fsync(descriptor);
  } catch (error) {
    if (UNSUPPORTED.has(errnoOf(error) ?? "")) return;
    throw new FilestoreError("FILE_SYNC_FAILED", "syncing the directory failed", {
      path: absolute,
      cause: error,
    });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
