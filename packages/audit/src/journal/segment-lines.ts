import { closeSync, openSync, readSync, statSync } from "node:fs";
import { type FileEntry, FilestoreError, readLineBatches } from "@symbiont/filestore";
import { MAX_RECORD_BYTES } from "../audit-limits.ts";
import { COMPRESSED } from "./journal-files.ts";

/**
 * The lines of a segment, plain or compressed; offsets are those of the plain bytes. A plain one may be compressed
 * between being listed and being read.
 * @throws FilestoreError as `readLineBatches`
 */
export async function* segmentLines(path: string): AsyncGenerator<readonly FileEntry[], void, void> {
  const gzip = path.endsWith(COMPRESSED);
  try {
    yield* readLineBatches(path, { maxLineBytes: MAX_RECORD_BYTES, gzip });
  } catch (error) {
    if (gzip || !FilestoreError.is(error) || error.code !== "FILE_NOT_FOUND") throw error;
    yield* readLineBatches(path + COMPRESSED, { maxLineBytes: MAX_RECORD_BYTES, gzip: true });
  }
}

/** About how many plain bytes a segment has, to show how far something is; a compressed one says so itself. */
export function plainSize(path: string): number {
  try {
    if (!path.endsWith(COMPRESSED)) return statSync(path).size;
    const descriptor = openSync(path, "r");
    try {
      const length = Buffer.alloc(4);
      readSync(descriptor, length, 0, length.length, statSync(path).size - length.length);
      return length.readUInt32LE();
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return 0;
  }
}
