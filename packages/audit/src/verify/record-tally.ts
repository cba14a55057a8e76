import type { JsonObject } from "@symbiont/kit";
import { acceptedRecord } from "./chain-reader.ts";
import type { KeyChange, TimeGap } from "./journal-report.ts";
import type { RecordFields } from "./scan-record.ts";

const MOST_LISTED = 1_000;

/** What the records themselves say that belongs into a report. */
export interface RecordTally {
  prunedTo: number;
  prunedArchived: boolean;
  late: number;
  /** Records that the newest checkpoint covered, as the lines say it. */
  echoed: number;
  firstTs: string;
  lastTs: string;
  readonly dropped: Record<string, number>;
  readonly keys: KeyChange[];
  readonly gaps: TimeGap[];
}

export function emptyTally(): RecordTally {
  // Types of records are names from outside.
  const dropped = Object.create(null) as Record<string, number>;
  const lists = { dropped, keys: [], gaps: [] };
  return { prunedTo: 0, prunedArchived: true, late: 0, echoed: 0, firstTs: "", lastTs: "", ...lists };
}

/**
 * Counts one record that a `ChainReader` has accepted.
 * @param gapMs longest time between two records that is not worth telling.
 */
export function tallyRecord(
  tally: RecordTally,
  fields: RecordFields,
  { line, gapMs }: { readonly line: Uint8Array; readonly gapMs: number },
): void {
  const { type, seq } = fields;
  const ts = fields.ts as string;
  if (tally.firstTs === "") tally.firstTs = ts;
  else if (gapMs !== Infinity)
    tellGap(tally, { record: seq as number, fromTs: tally.lastTs, toTs: ts }, gapMs);
  tally.lastTs = ts;
  if (typeof type !== "string" || !type.startsWith("journal.")) return;
  const details = (acceptedRecord(line)["data"] ?? {}) as JsonObject;
  if (type === "journal.late") tally.late += 1;
  const { size, to } = details;
  if (type === "journal.checkpoint" && Number.isSafeInteger(size))
    tally.echoed = Math.max(tally.echoed, size as number);
  if (type === "journal.pruned" && Number.isSafeInteger(to)) {
    tally.prunedTo = Math.max(tally.prunedTo, to as number);
    tally.prunedArchived &&= details["archived"] === true;
  }
  if (type === "journal.key" && tally.keys.length < MOST_LISTED)
    tally.keys.push({ ...keyChange(details), record: seq as number });
  if (type === "journal.dropped") addCounts(tally.dropped, details["counts"]);
}

/** Adds what was counted in a later part of the journal, which begins with this record. */
export function addTally(
  tally: RecordTally,
  later: RecordTally,
  { first, gapMs }: { readonly first: number; readonly gapMs: number },
): void {
  if (tally.lastTs !== "" && later.firstTs !== "")
    tellGap(tally, { record: first, fromTs: tally.lastTs, toTs: later.firstTs }, gapMs);
  tally.gaps.push(...later.gaps.slice(0, MOST_LISTED - tally.gaps.length));
  tally.prunedArchived &&= later.prunedArchived;
  if (tally.firstTs === "") tally.firstTs = later.firstTs;
  if (later.lastTs !== "") tally.lastTs = later.lastTs;
  tally.late += later.late;
  tally.echoed = Math.max(tally.echoed, later.echoed);
  tally.prunedTo = Math.max(tally.prunedTo, later.prunedTo);
  tally.keys.push(...later.keys.slice(0, MOST_LISTED - tally.keys.length));
  addCounts(tally.dropped, later.dropped);
}

function tellGap(tally: RecordTally, gap: TimeGap, gapMs: number): void {
  if (gap.fromTs === gap.toTs || tally.gaps.length >= MOST_LISTED) return;
  if (Date.parse(gap.toTs) - Date.parse(gap.fromTs) > gapMs) tally.gaps.push(gap);
}

function keyChange(details: JsonObject): Omit<KeyChange, "record"> {
  const texts = Object.entries(details).filter(
    ([name, value]) => ["old", "new", "revoked"].includes(name) && typeof value === "string",
  );
  const from = details["from"];
  return { ...Object.fromEntries(texts), ...(Number.isSafeInteger(from) ? { from: from as number } : {}) };
}

/** Types are names from outside: those beyond the most that are listed are counted together. */
function addCounts(counts: Record<string, number>, more: unknown): void {
  let listed = Object.keys(counts).length;
  for (const [type, count] of Object.entries((more ?? {}) as JsonObject)) {
    if (typeof count !== "number") continue;
    const known = Object.hasOwn(counts, type);
    const name = known || listed < MOST_LISTED ? type : "other";
    if (!Object.hasOwn(counts, name)) listed += 1;
    counts[name] = (counts[name] ?? 0) + count;
  }
}
