import { FilestoreError, readLines, type TornTail } from "@symbiont/filestore";
import type { JsonObject } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import { MAX_RECORD_BYTES } from "../audit-limits.ts";
import type { JournalFiles } from "../journal/journal-files.ts";
import type { ChainReader } from "./chain-reader.ts";

/** Where the readable part of a journal ends. */
export interface JournalEnd {
  /** The newest segment; undefined when there is none. */
  readonly segment?: string;
  /** What a crash left after the last whole record. */
  readonly torn?: TornTail;
  /** Where reading stopped on purpose, in bytes; undefined when it went to the end. */
  readonly stoppedAt?: number;
}

/** How a journal is read. */
export interface ReadJournalOptions {
  /** Told of each record, with its segment and its offset there in bytes. */
  readonly onRecord?: (record: JsonObject, segment: string, offset: number) => void;
  /** Told of each segment that was read to its end. */
  readonly onSegment?: (segment: string, first: number) => void | Promise<void>;
  /** Stop before this record, in the last segment. */
  readonly stopAt?: number;
}

/**
 * Feeds every line after the chain's start, which must be the start of a segment, to the chain. A torn tail may stand
 * at the very end only.
 * @throws AuditError as {@link ChainReader.accept}; `AUDIT_CORRUPT` for a torn tail that is not the end.
 */
export async function readJournal(
  files: JournalFiles,
  chain: ChainReader,
  options: ReadJournalOptions = {},
): Promise<JournalEnd> {
  const start = files.segment(chain.size);
  const segments = files.segments().filter((segment) => segment >= start);
  let torn: TornTail | undefined;
  for (const segment of segments) {
    if (torn !== undefined) throw corrupt(chain, "a segment before the last one is torn");
    if (segment !== files.segment(chain.size)) throw corrupt(chain, "a segment is missing or misnamed");
    const first = chain.size;
    try {
      for await (const entry of readLines(segment, { maxLineBytes: MAX_RECORD_BYTES })) {
        if (chain.size === options.stopAt) return { segment, stoppedAt: entry.offset };
        if (entry.kind === "torn") torn = entry;
        else {
          const record = chain.accept(entry.bytes);
          options.onRecord?.(record, segment, entry.offset);
        }
      }
    } catch (error) {
      if (FilestoreError.is(error) && error.code === "FILE_LINE_TOO_LONG")
        throw corrupt(chain, "a line is too long");
      throw error;
    }
    await options.onSegment?.(segment, first);
  }
  const segment = segments.at(-1);
  return { ...(segment === undefined ? {} : { segment }), ...(torn === undefined ? {} : { torn }) };
}

function corrupt(chain: ChainReader, why: string): AuditError {
  return new AuditError("AUDIT_CORRUPT", `the journal is corrupt at record ${chain.size}: ${why}`, {
    record: chain.size,
  });
}
