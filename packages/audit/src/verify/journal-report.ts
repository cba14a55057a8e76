import type { JsonObject } from "@symbiont/kit";
import { acceptedRecord } from "./chain-reader.ts";
import type { RecordFields } from "./scan-record.ts";

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
  /** Records that were lost in permissive mode, by type, as the journal itself has recorded. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Changes of keys that are on record. */
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

const MAX_KEY_CHANGES = 1_000;

/** What the records themselves say that belongs into a report. */
export interface RecordTally {
  prunedTo: number;
  late: number;
  firstTs: string;
  lastTs: string;
  readonly dropped: Record<string, number>;
  readonly keys: KeyChange[];
}

export function emptyTally(): RecordTally {
  return { prunedTo: 0, late: 0, firstTs: "", lastTs: "", dropped: {}, keys: [] };
}

/** Counts one record that a `ChainReader` has accepted. */
export function tallyRecord(tally: RecordTally, { type, ts, seq }: RecordFields, line: Uint8Array): void {
  if (tally.firstTs === "") tally.firstTs = ts as string;
  tally.lastTs = ts as string;
  if (typeof type !== "string" || !type.startsWith("journal.")) return;
  const details = (acceptedRecord(line)["data"] ?? {}) as JsonObject;
  if (type === "journal.late") tally.late += 1;
  const to = details["to"];
  if (type === "journal.pruned" && Number.isSafeInteger(to))
    tally.prunedTo = Math.max(tally.prunedTo, to as number);
  if (type === "journal.key" && tally.keys.length < MAX_KEY_CHANGES)
    tally.keys.push({ ...keyChange(details), record: seq as number });
  if (type === "journal.dropped") addCounts(tally.dropped, details["counts"]);
}

/** Adds what was counted in a later part of the journal. */
export function addTally(tally: RecordTally, later: RecordTally): void {
  if (tally.firstTs === "") tally.firstTs = later.firstTs;
  if (later.lastTs !== "") tally.lastTs = later.lastTs;
  tally.late += later.late;
  tally.prunedTo = Math.max(tally.prunedTo, later.prunedTo);
  tally.keys.push(...later.keys.slice(0, MAX_KEY_CHANGES - tally.keys.length));
  addCounts(tally.dropped, later.dropped);
}

function keyChange(details: JsonObject): Omit<KeyChange, "record"> {
  const texts = Object.entries(details).filter(
    ([name, value]) => ["old", "new", "revoked"].includes(name) && typeof value === "string",
  );
  const from = details["from"];
  return { ...Object.fromEntries(texts), ...(Number.isSafeInteger(from) ? { from: from as number } : {}) };
}

function addCounts(counts: Record<string, number>, more: unknown): void {
  for (const [type, count] of Object.entries((more ?? {}) as JsonObject))
    if (typeof count === "number") counts[type] = (counts[type] ?? 0) + count;
}
