import { concatBytes } from "@symbiont/kit";
import { FilestoreError } from "../errors.ts";
import type { FileEntry } from "../file-entry.ts";
import { gunzipChunks } from "./gunzip-chunks.ts";
import { readAt } from "./read-at.ts";

const CHUNK_BYTES = 65_536;
/** Of a compressed file: what one becomes is held in memory. */
const GZIP_CHUNK_BYTES = 4_096;
const NEWLINE = 0x0a;
const NUL = 0x00;

/** The part of an open file to scan. */
export interface ScannedRange {
  readonly descriptor: number;
  readonly path: string;
  /** Where a line begins. */
  readonly from: number;
  /** Where the file ended when the scan was asked for. */
  readonly end: number;
  readonly maxLineBytes: number;
  /** Whether the file is compressed; `from` is 0 then, and offsets are those of the plain bytes. */
  readonly gzip?: boolean;
}

/**
 * Splits a range into lines and a torn tail, holding one chunk and one line at a time. Yields what each chunk
 * completes, in one array: passing every line through two asynchronous generators would cost more than
 * finding it.
 */
export async function* scanLines(range: ScannedRange): AsyncGenerator<readonly FileEntry[], void, void> {
  const { path, maxLineBytes, gzip = false } = range;
  if (range.from > range.end)
    throw new FilestoreError("FILE_CONFLICT", "file ends before the offset to read from", { path });
  const stored = chunksOf(range, gzip ? GZIP_CHUNK_BYTES : CHUNK_BYTES);
  let position = range.from;
  let lineStart = range.from;
  let carried: Uint8Array[] = [];
  for await (const chunk of gzip ? gunzipChunks(stored, path) : stored) {
    const hole = chunk.indexOf(NUL);
    const entries: FileEntry[] = [];
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, start);
      if (newline < 0 || (hole >= 0 && newline > hole)) break;
      const lineEnd = position + newline;
      if (lineEnd - lineStart > maxLineBytes) {
        yield entries;
        throw new FilestoreError("FILE_LINE_TOO_LONG", `a line is longer than ${maxLineBytes} bytes`, {
          path,
        });
      }
      entries.push({ kind: "line", offset: lineStart, bytes: joined(carried, chunk, start, newline) });
      carried = [];
      lineStart = lineEnd + 1;
      start = newline + 1;
    }
    if (hole >= 0) {
      yield [...entries, tornTail(lineStart, gzip ? position + chunk.length : range.end, "nul")];
      return;
    }
    yield entries;
    position += chunk.length;
    // A line past the limit is either refused at its newline or torn: its bytes are needed for neither.
    if (position - lineStart <= maxLineBytes) carried.push(chunk.subarray(start));
    else carried = [];
  }
  if (lineStart < position) yield [tornTail(lineStart, position, "unterminated")];
}

async function* chunksOf(range: ScannedRange, length: number): AsyncGenerator<Buffer, void, void> {
  for (let position = range.from; position < range.end; ) {
    const chunk = await readAt(range.descriptor, position, Math.min(length, range.end - position));
    if (chunk.length === 0)
      throw new FilestoreError("FILE_CONFLICT", "file was cut while it was read", { path: range.path });
    position += chunk.length;
    // A Buffer view for its native search; what is handed out are plain views of the same memory.
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}

function joined(carried: readonly Uint8Array[], chunk: Buffer, start: number, end: number): Uint8Array {
  const last = new Uint8Array(chunk.buffer, chunk.byteOffset + start, end - start);
  return carried.length === 0 ? last : concatBytes(...carried, last);
}

function tornTail(offset: number, end: number, reason: "nul" | "unterminated"): FileEntry {
  return { kind: "torn", offset, length: end - offset, reason };
}
