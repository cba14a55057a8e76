import { sleep } from "../shipping/send-batch.ts";
import type { CheckpointTrust } from "../verify/read-checkpoints.ts";
import { type JournalRecord, journalRecords } from "./journal-records.ts";

/** How a journal is followed. */
export interface FollowJournalOptions extends Pick<CheckpointTrust, "trusted"> {
  /** First sequence. Default that of the oldest record there is. */
  readonly from?: number;
  /** Milliseconds between looks for new checkpoints. Default 1,000. */
  readonly pollMs?: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Reads the records of a journal and then those that come, as checkpoints cover them, until the signal ends it. The
 * journal may be written by another process.
 * @throws AuditError as `journalRecords`
 */
export async function* followJournal(
  directory: string,
  { trusted, from = 0, pollMs = 1_000, signal }: FollowJournalOptions,
): AsyncGenerator<JournalRecord, void, void> {
  if (!Number.isSafeInteger(pollMs) || pollMs < 1)
    throw new RangeError(`pollMs must be a positive integer, got ${pollMs}`);
  let next = from;
  while (!signal.aborted) {
    for await (const record of journalRecords(directory, { trusted, from: next })) {
      if (signal.aborted) return;
      next = record.sequence + 1;
      yield record;
    }
    await sleep(pollMs, signal);
  }
}
