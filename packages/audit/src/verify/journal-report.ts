/** What is true of a journal that passed. */
export interface JournalReport {
  readonly origin: string;
  /** Records, all of them chained; those that were pruned are counted. */
  readonly records: number;
  /** Merkle root over all records. */
  readonly root: Uint8Array;
  /** Records covered by the newest signed checkpoint. */
  readonly signedRecords: number;
  /** Records that the newest checkpoint covered of which the journal itself knows; more than `signedRecords` when it is gone. */
  readonly checkpointedRecords: number;
  /** Sequences of attempts without an outcome: calls that were cut off, or are running. */
  readonly openAttempts: readonly number[];
  /** Records that are not there any more because retention gave them up, which is on record. */
  readonly prunedRecords: number;
  /** Records that were lost in permissive mode, by type, as the journal itself has recorded. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Whether a copy of everything that was pruned was confirmed, as the journal itself has recorded. */
  readonly prunedArchived: boolean;
  /** Times longer than `gapMs` without a record; the first thousand. */
  readonly gaps: readonly TimeGap[];
  /** Changes of keys that are on record; the first thousand. */
  readonly keys: readonly KeyChange[];
  /** Records that became durable when their caller had given up. */
  readonly late: number;
  /** Times of the oldest and the newest record that were read; absent when there is none. */
  readonly firstTs?: string;
  readonly lastTs?: string;
  /** Bytes after the last whole record, left by a crash or being written. */
  readonly tornBytes: number;
}

/** A change of keys that is on record: one replaced another, or one was revoked from a size on. */
export interface KeyChange {
  /** Sequence of the record. */
  readonly record: number;
  readonly old?: string;
  readonly new?: string;
  readonly revoked?: string;
  readonly from?: number;
}

/** A time without a record. */
export interface TimeGap {
  /** Sequence of the record that ended it. */
  readonly record: number;
  readonly fromTs: string;
  readonly toTs: string;
}

/** What keeps a journal that passed from being complete. */
export type Incompleteness =
  /** Records were given up, and nobody confirmed that a copy is kept. */
  | "pruned"
  /** The last line is not whole: a crash, or a record that is being written. */
  | "torn-tail"
  /** Records after the newest checkpoint: whoever holds the folder could still take them back. */
  | "unsigned-tail"
  /** The journal itself knows of a newer checkpoint than there is: an older one was put in its place. */
  | "old-checkpoint"
  /** Attempts without an outcome. */
  | "open-attempts"
  /** Records were lost in permissive mode. */
  | "dropped";

/** What keeps a journal from being complete, as its report says it. */
export function incompleteness(report: JournalReport): readonly Incompleteness[] {
  const found: readonly (readonly [Incompleteness, boolean])[] = [
    ["pruned", report.prunedRecords > 0 && !report.prunedArchived],
    ["torn-tail", report.tornBytes > 0],
    ["unsigned-tail", report.signedRecords < report.records],
    ["old-checkpoint", report.signedRecords < report.checkpointedRecords],
    ["open-attempts", report.openAttempts.length > 0],
    ["dropped", Object.keys(report.dropped).length > 0],
  ];
  return found.filter(([, is]) => is).map(([kind]) => kind);
}
