import type { JsonObject } from "@symbiont/kit";
import { asAuditError } from "../as-audit-error.ts";
import { AuditError } from "../audit-error.ts";
import { JournalFiles } from "../journal/journal-files.ts";
import { ChainReader } from "./chain-reader.ts";
import { type CheckpointTrust, journalKeys, readCheckpoints } from "./read-checkpoints.ts";
import { readJournal } from "./read-journal.ts";
import { stateAtSegment } from "./state-at-segment.ts";

/** What a journal is checked against. */
export type VerifyJournalOptions = CheckpointTrust;

/** What is true of a journal that passed. */
export interface JournalReport {
  readonly origin: string;
  /** Records, all of them chained; those that were pruned are counted. */
  readonly records: number;
  /** Merkle root over all records. */
  readonly root: Uint8Array;
  /** Records covered by the newest signed checkpoint. */
  readonly signedRecords: number;
  /** Sequences of attempts without an outcome: calls that were cut off, or are running. */
  readonly openAttempts: readonly number[];
  /** Records that are not there any more because retention gave them up, which is on record. */
  readonly prunedRecords: number;
  /** Bytes after the last whole record, left by a crash or being written. */
  readonly tornBytes: number;
}

/**
 * Checks a whole journal: every record canonical and chained, every checkpoint signed by a trusted key and equal to
 * the tree at its size, and nothing missing that a checkpoint covers. Reads only; the journal may be in use.
 *
 * @throws AuditError `AUDIT_CORRUPT` (a changed, missing or foreign line; `record` says which), `AUDIT_ROLLBACK`
 * (the tail is gone), `AUDIT_FORKED` (other records than those that were signed), `AUDIT_NOTE_UNTRUSTED`,
 * `AUDIT_NOTE_MALFORMED`, `AUDIT_NOT_FOUND`, `AUDIT_KEY_MALFORMED`,
 * `AUDIT_UNAVAILABLE` when the files cannot be read.
 */
export async function verifyJournal(
  directory: string,
  options: VerifyJournalOptions,
): Promise<JournalReport> {
  try {
    return await verifyFiles(new JournalFiles(directory), options);
  } catch (error) {
    throw asAuditError(error);
  }
}

async function verifyFiles(files: JournalFiles, options: VerifyJournalOptions): Promise<JournalReport> {
  const header = await files.readHeader();
  if (header === undefined) throw new AuditError("AUDIT_NOT_FOUND", "there is no journal in that folder");
  const checkpoints = await readCheckpoints(files, header.origin, options);
  const oldest = files.segments()[0];
  const keys = journalKeys(header.origin, options.trusted);
  const start = await stateAtSegment(files, header, oldest === undefined ? 0 : files.firstOf(oldest), keys);
  const chain = new ChainReader(start, checkpoints);
  let prunedTo = 0;
  const onRecord = ({ type, data }: JsonObject): void => {
    const to = type === "journal.pruned" ? (data as JsonObject)["to"] : undefined;
    if (Number.isSafeInteger(to)) prunedTo = Math.max(prunedTo, to as number);
  };
  const { torn } = await readJournal(files, chain, { onRecord });
  chain.end();
  if (start.size > prunedTo)
    throw new AuditError(
      "AUDIT_CORRUPT",
      "the first segments are gone, and it is not on record that they were pruned",
      {
        record: 0,
      },
    );
  return {
    origin: header.origin,
    records: chain.size,
    root: chain.range.root(),
    signedRecords: Math.max(...checkpoints.map(({ size }) => size)),
    openAttempts: [...chain.openAttempts],
    prunedRecords: start.size,
    tornBytes: torn?.length ?? 0,
  };
}
