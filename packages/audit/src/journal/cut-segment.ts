import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { type FileSystem, nodeFileSystem, replaceFile } from "@symbiont/filestore";

/**
 * Cuts a segment after its last durable record and keeps what was cut off. After a failed sync nobody knows what of
 * it is on the disk, whatever the system's cache shows.
 * @returns how many bytes were cut off.
 */
export async function cutSegment(
  segment: string,
  at: number,
  options: { readonly quarantine: string; readonly fileSystem?: FileSystem },
): Promise<number> {
  const fileSystem = options.fileSystem ?? nodeFileSystem;
  const descriptor = openSync(segment, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    const tail = Buffer.alloc(fstatSync(descriptor).size - at);
    readSync(descriptor, tail, 0, tail.length, at);
    await replaceFile(options.quarantine, tail);
    fileSystem.truncate(descriptor, at);
    await fileSystem.fsync(descriptor);
    return tail.length;
  } finally {
    closeSync(descriptor);
  }
}
