import { FilestoreError, readLines, type TornTail } from "@symbiont/filestore";
import { AuditError } from "./audit-error.ts";
import type { ChainReader } from "./chain-reader.ts";
import type { JournalFiles } from "./journal-files.ts";
import { MAX_RECORD_BYTES } from "./journal-line.ts";

/** Where the readable part of a journal ends. */
export interface JournalEnd {
  /** The newest segment; undefined when there is none. */
  readonly segment?: string;
  /** What a crash left after the last whole record. */
  readonly torn?: TornTail;
}

/**
 * Feeds every line of a journal to the chain. A torn tail may stand at the very end only.
 * @throws AuditError as {@link ChainReader.accept}; `AUDIT_CORRUPT` for a torn tail that is not the end.
 */
export async function readJournal(files: JournalFiles, chain: ChainReader): Promise<JournalEnd> {
  const segments = files.segments();
  let torn: TornTail | undefined;
  for (const segment of segments) {
    if (torn !== undefined) throw corrupt(chain, "a segment before the last one is torn");
    if (segment !== files.segment(chain.size)) throw corrupt(chain, "a segment is missing or misnamed");
    try {
      for await (const entry of readLines(segment, { maxLineBytes: MAX_RECORD_BYTES })) {
        if (entry.kind === "torn") torn = entry;
        else chain.accept(entry.bytes);
      }
    } catch (error) {
      if (FilestoreError.is(error) && error.code === "FILE_LINE_TOO_LONG")
        throw corrupt(chain, "a line is too long");
      throw error;
    }
  }
  const segment = segments.at(-1);
  return { ...(segment === undefined ? {} : { segment }), ...(torn === undefined ? {} : { torn }) };
}

function corrupt(chain: ChainReader, why: string): AuditError {
  return new AuditError("AUDIT_CORRUPT", `the journal is corrupt at record ${chain.size}: ${why}`, {
    record: chain.size,
  });
}
