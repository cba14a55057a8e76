import { closeSync, constants } from "node:fs";
import { resolve } from "node:path";
import type { FileEntry } from "./file-entry.ts";
import { nodeFileSystem } from "./file-system.ts";
import { ioError } from "./internal/io-error.ts";
import { openPrivate } from "./internal/open-private.ts";
import { checkedInteger, checkedMode } from "./internal/options.ts";
import { scanLines } from "./internal/scan-lines.ts";

/** How lines are read. */
export interface ReadLinesOptions {
  /** Longest line, in bytes without its newline. Memory stays within a small multiple of it. */
  readonly maxLineBytes: number;
  /** Where to begin, in bytes; must be the start of a line. Default 0. */
  readonly from?: number;
  /** Most permission bits the file may have. Default `0o600`. */
  readonly mode?: number;
  /**
   * The file is gzip and its plain lines are read, in bounded memory; offsets are those of the plain bytes, and `from` must
   * be 0. Default false.
   */
  readonly gzip?: boolean;
}

/**
 * Reads the lines of a private file up to where it ends now. A torn tail is the last thing yielded; in a file
 * that is being written it may also be a batch on its way.
 * @throws FilestoreError `FILE_LINE_TOO_LONG`, `FILE_CONFLICT` (cut while it was read), `FILE_FORMAT_INVALID`, and what
 * {@link readPrivateFile} throws when it opens a file.
 */
export async function* readLines(
  path: string,
  options: ReadLinesOptions,
): AsyncGenerator<FileEntry, void, void> {
  for await (const entries of readLineBatches(path, options)) for (const entry of entries) yield entry;
}

/**
 * As {@link readLines}, but yields what each read of the file gave in one array: for files of many short lines, where
 * waiting for every line by itself costs more than reading it.
 * @throws FilestoreError as {@link readLines}
 */
export async function* readLineBatches(
  path: string,
  options: ReadLinesOptions,
): AsyncGenerator<readonly FileEntry[], void, void> {
  const absolute = resolve(path);
  const maxLineBytes = checkedInteger("maxLineBytes", options.maxLineBytes, 1);
  const from = checkedInteger("from", options.from ?? 0, 0);
  const mode = checkedMode(options.mode);
  const { gzip = false } = options;
  if (gzip && from !== 0) throw new RangeError("from must be 0 when gzip is true");
  const { descriptor, stats } = openPrivate(nodeFileSystem, absolute, constants.O_RDONLY, mode);
  try {
    yield* scanLines({ descriptor, path: absolute, from, end: Number(stats.size), maxLineBytes, gzip });
  } catch (error) {
    throw ioError(error, absolute, "reading the file");
  } finally {
    closeSync(descriptor);
  }
}
