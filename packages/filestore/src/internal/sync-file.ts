import { FilestoreError } from "../errors.ts";
import type { FileSystem } from "../file-system.ts";

/** Makes a new file durable. A failed sync is never tried again: its pages may since count as clean. */
export async function syncFile(
  fileSystem: FileSystem,
  file: { readonly descriptor: number; readonly path: string },
): Promise<void> {
  try {
    await fileSystem.fsync(file.descriptor);
  } catch (error) {
    throw new FilestoreError("FILE_SYNC_FAILED", "syncing the file failed", {
      path: file.path,
      cause: error,
    });
  }
}
