import { AuditError } from "../audit-error.ts";
import type { JournalFiles } from "../journal/journal-files.ts";
import type { ChainReader } from "./chain-reader.ts";
import { type ReadSegmentOptions, readSegment, type SegmentEnd } from "./read-segment.ts";

/** Where the readable part of a journal ends. */
export interface JournalEnd extends SegmentEnd {
  /** The newest segment; undefined when there is none. */
  readonly segment?: string;
}

/**
 * Feeds every line after the chain's start, which must be the start of a segment, to the chain. A torn tail may stand
 * at the very end only.
 * @throws AuditError as {@link readSegment}; `AUDIT_CORRUPT` for a torn tail that is not the end.
 */
export async function readJournal(
  files: JournalFiles,
  chain: ChainReader,
  options: ReadSegmentOptions = {},
): Promise<JournalEnd> {
  const start = chain.size;
  const segments = files.segments().filter((segment) => files.firstOf(segment) >= start);
  let end: SegmentEnd = {};
  for (const segment of segments) {
    if (end.torn !== undefined) throw corrupt(chain, "a segment before the last one is torn");
    if (files.firstOf(segment) !== chain.size) throw corrupt(chain, "a segment is missing or misnamed");
    end = await readSegment(segment, chain, options);
    if (end.stoppedAt !== undefined) return { segment, ...end };
  }
  const segment = segments.at(-1);
  return segment === undefined ? end : { segment, ...end };
}

function corrupt(chain: ChainReader, why: string): AuditError {
  return new AuditError("AUDIT_CORRUPT", `the journal is corrupt at record ${chain.size}: ${why}`, {
    record: chain.size,
  });
}
