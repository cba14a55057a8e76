import type { JournalRecord } from "../read/journal-records.ts";

/** Where committed records are sent besides the journal. */
export interface RecordSink {
  /** Names the sink's cursor: `[a-z0-9-]{1,64}`, different for every sink of a journal. */
  readonly name: string;
  /**
   * Resolves when all of the records, which come in order, are kept. A batch that failed comes again, perhaps with
   * more: a sink must know a record that it has by origin and sequence, or live with it coming twice.
   */
  send(records: readonly JournalRecord[], signal: AbortSignal): Promise<void>;
}
