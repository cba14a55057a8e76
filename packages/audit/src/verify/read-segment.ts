import { basename } from "node:path";
import { FilestoreError, type TornTail } from "@symbiont/filestore";
import { AuditError } from "../audit-error.ts";
import { segmentLines } from "../journal/segment-lines.ts";
import type { ChainReader } from "./chain-reader.ts";
import type { RecordFields } from "./scan-record.ts";

/** Who is told while a segment is read, and how far it is read. */
export interface ReadSegmentOptions {
  /** Told of each record, and of its line without the newline. */
  readonly onRecord?: (fields: RecordFields, line: Uint8Array) => void;
  /** Stop before this record. */
  readonly stopAt?: number;
}

/** How the reading of a segment ended. */
export interface SegmentEnd {
  /** What a crash left after the last whole record. */
  readonly torn?: TornTail;
  /** Where reading stopped on purpose, in bytes; undefined when it went to the end. */
  readonly stoppedAt?: number;
}

const CORRUPT: ReadonlyMap<string, string> = new Map([
  ["FILE_LINE_TOO_LONG", "its line is too long"],
  ["FILE_FORMAT_INVALID", "its segment cannot be decompressed"],
]);

/**
 * Feeds every line of one segment to the chain.
 * @throws AuditError as {@link ChainReader.accept}, with the place in the file.
 */
export async function readSegment(
  segment: string,
  chain: ChainReader,
  options: ReadSegmentOptions,
): Promise<SegmentEnd> {
  let offset = 0;
  try {
    for await (const entries of segmentLines(segment)) {
      for (const entry of entries) {
        offset = entry.offset;
        if (chain.size === options.stopAt) return { stoppedAt: offset };
        if (entry.kind === "torn") return { torn: entry };
        const fields = chain.accept(entry.bytes);
        options.onRecord?.(fields, entry.bytes);
        offset += entry.bytes.length + 1;
      }
    }
    return {};
  } catch (error) {
    const place = { segment: basename(segment), offset };
    const why = FilestoreError.is(error) ? CORRUPT.get(error.code) : undefined;
    if (why !== undefined)
      throw new AuditError("AUDIT_CORRUPT", `record ${chain.size} is corrupt: ${why}`, {
        ...place,
        record: chain.size,
      });
    if (!AuditError.is(error)) throw error;
    const { code, message, cause, record } = error;
    throw new AuditError(code, message, { ...place, cause, ...(record === undefined ? {} : { record }) });
  }
}
