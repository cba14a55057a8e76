import { decodeUtf8, type JsonObject } from "@symbiont/kit";
import { asAuditError } from "../as-audit-error.ts";
import { AuditError } from "../audit-error.ts";
import { JournalFiles } from "../journal/journal-files.ts";
import { segmentLines } from "../journal/segment-lines.ts";
import { acceptedRecord, ChainReader } from "../verify/chain-reader.ts";
import { type CheckpointTrust, journalKeys, readCheckpoints } from "../verify/read-checkpoints.ts";
import { stateAtSegment } from "../verify/state-at-segment.ts";

/** A record as it stands in a journal. */
export interface JournalRecord {
  readonly origin: string;
  readonly sequence: number;
  /** Its RFC 6962 leaf hash in hexadecimal. */
  readonly leaf: string;
  /** Its canonical JSON. */
  readonly line: string;
  readonly record: JsonObject;
}

/** What is read of a journal. */
export interface JournalRecordsOptions extends CheckpointTrust {
  /** First sequence. Default that of the oldest record there is. */
  readonly from?: number;
  /** Read no record from this sequence on. Default what the newest signed checkpoint covers. */
  readonly until?: number;
  /** Told after each part of a file how many records were read, and how many will be. Default nobody. */
  readonly onProgress?: (records: number, of: number) => void;
}

/**
 * Reads the records of a journal in order, following its chain from the segment that holds the first one. Only what
 * a signed checkpoint covers is read unless `until` says otherwise; what comes after it may still be taken back.
 * @throws AuditError as `verifyJournal`
 */
export async function* journalRecords(
  directory: string,
  options: JournalRecordsOptions,
): AsyncGenerator<JournalRecord, void, void> {
  try {
    yield* records(new JournalFiles(directory), options);
  } catch (error) {
    throw asAuditError(error);
  }
}

async function* records(
  files: JournalFiles,
  options: JournalRecordsOptions,
): AsyncGenerator<JournalRecord, void, void> {
  const header = await files.readHeader();
  if (header === undefined) throw new AuditError("AUDIT_NOT_FOUND", "there is no journal in that folder");
  const { origin } = header;
  const checkpoints = await readCheckpoints(files, origin, options);
  const signed = Math.max(...checkpoints.map(({ size }) => size));
  const { from = 0, until = signed } = options;
  if (options.until === undefined && from > signed)
    throw new AuditError(
      "AUDIT_ROLLBACK",
      `the journal is signed up to ${signed} records, not up to ${from}`,
    );
  const segments = files.segments();
  const firsts = segments.map((segment) => files.firstOf(segment));
  const holding = firsts.findLast((first) => first <= from) ?? firsts[0] ?? 0;
  const chain = new ChainReader(
    await stateAtSegment(files, header, holding, journalKeys(origin, options.trusted)),
    checkpoints,
  );
  for (const segment of segments.filter((_, index) => (firsts[index] as number) >= chain.size)) {
    if (chain.size >= until) return;
    if (files.firstOf(segment) !== chain.size)
      throw new AuditError(
        "AUDIT_CORRUPT",
        `the journal is corrupt at record ${chain.size}: a segment is missing`,
        {
          record: chain.size,
        },
      );
    for await (const entries of segmentLines(segment)) {
      for (const entry of entries) {
        if (entry.kind === "torn" || chain.size >= until) break;
        chain.accept(entry.bytes);
        const sequence = chain.size - 1;
        if (sequence < from) continue;
        const record = acceptedRecord(entry.bytes);
        yield { origin, sequence, leaf: chain.head, line: decodeUtf8(entry.bytes), record };
      }
      options.onProgress?.(chain.size, until);
      if (chain.size >= until) break;
    }
  }
  if (options.until === undefined) chain.end();
}
