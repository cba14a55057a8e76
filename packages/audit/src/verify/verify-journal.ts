import type { TornTail } from "@symbiont/filestore";
import { asAuditError } from "../as-audit-error.ts";
import { AuditError } from "../audit-error.ts";
import { JournalFiles } from "../journal/journal-files.ts";
import type { JournalHeader } from "../journal/journal-header.ts";
import { plainSize } from "../journal/segment-lines.ts";
import { CompactRange } from "../merkle/compact-range.ts";
import type { Checkpoint } from "../notes/checkpoint.ts";
import type { TrustedKey } from "../notes/trusted-key.ts";
import { ChainReader } from "./chain-reader.ts";
import type { ChainState } from "./chain-state.ts";
import type { JournalFault } from "./journal-fault.ts";
import type { JournalReport, KeyChange } from "./journal-report.ts";
import { type CheckpointTrust, journalKeys, readCheckpoints } from "./read-checkpoints.ts";
import { readJournal } from "./read-journal.ts";
import { addTally, emptyTally, type RecordTally, tallyRecord } from "./record-tally.ts";
import { stateAtSegment } from "./state-at-segment.ts";
import { type SegmentsToVerify, verifySegments } from "./verify-segments.ts";

/** How far a verification is. */
export interface VerifyProgress {
  /** Records and bytes that were read, and bytes of the segments that have to be read. */
  readonly records: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** What a journal is checked against, and how. */
export interface VerifyJournalOptions extends CheckpointTrust {
  /** Told about every megabyte. Default nobody. */
  readonly onProgress?: (progress: VerifyProgress) => void;
  /**
   * Threads that read closed segments side by side, each from the signed summary of the segment before, while this one
   * reads what follows them. Default 0: everything in this thread.
   */
  readonly workers?: number;
  /**
   * Where an earlier verification ended, as its report has it: what comes before is believed, and only whole segments
   * after it are read again. Keep it where you keep trusted keys. Default from the beginning.
   */
  readonly resumeFrom?: ChainState;
  /** Times without a record that are longer are told, in milliseconds. Default none. */
  readonly gapMs?: number;
}

/** A report, and where the chain ended, to go on from there another time. */
export interface VerifiedJournal extends JournalReport {
  readonly state: ChainState;
}

/** What is true of a journal, or the first thing that is wrong with it. */
export type JournalInspection =
  | { readonly ok: true; readonly report: VerifiedJournal }
  | { readonly ok: false; readonly fault: JournalFault };

const PROGRESS_BYTES = 1 << 20;

/**
 * Checks a whole journal: every record canonical and chained, every checkpoint signed by a trusted key and equal to
 * the tree at its size, and nothing missing that a checkpoint covers. Reads only; the journal may be in use.
 *
 * @throws AuditError `AUDIT_CORRUPT` (a changed, missing or foreign line; `record`, `segment` and `offset` say which),
 * `AUDIT_ROLLBACK` (the tail is gone), `AUDIT_FORKED` (other records than those that were signed),
 * `AUDIT_NOTE_UNTRUSTED`, `AUDIT_NOTE_MALFORMED`, `AUDIT_NOT_FOUND`, `AUDIT_KEY_MALFORMED`,
 * `AUDIT_UNAVAILABLE` when the files cannot be read.
 */
export async function verifyJournal(
  directory: string,
  options: VerifyJournalOptions,
): Promise<VerifiedJournal> {
  try {
    return await verifyFiles(new JournalFiles(directory), options);
  } catch (error) {
    throw asAuditError(error);
  }
}

/** As {@link verifyJournal}, but a fault is an answer and not an exception. */
export async function inspectJournal(
  directory: string,
  options: VerifyJournalOptions,
): Promise<JournalInspection> {
  try {
    return { ok: true, report: await verifyJournal(directory, options) };
  } catch (error) {
    const { code, message, record, segment, offset } = asAuditError(error);
    const place = Object.entries({ record, segment, offset }).filter(([, value]) => value !== undefined);
    return { ok: false, fault: { code, message, ...Object.fromEntries(place) } };
  }
}

async function verifyFiles(files: JournalFiles, options: VerifyJournalOptions): Promise<VerifiedJournal> {
  const header = await files.readHeader();
  if (header === undefined) throw new AuditError("AUDIT_NOT_FOUND", "there is no journal in that folder");
  const signed = await readCheckpoints(files, header.origin, options);
  const checkpoints = [...signed, ...seenBefore(header.origin, options.resumeFrom)];
  const start = await startOf(files, header, options);
  const tally = emptyTally();
  const progress = progressOf(files, start, options.onProgress);
  const { workers = 0, trusted, gapMs = Infinity } = options;
  const keys = journalKeys(header.origin, trusted);
  const parts = { files, origin: header.origin, keys, checkpoints, tally, progress, start, gapMs };
  const { chain, torn, openAttempts } = await readRecords(parts, workers);
  chain.end();
  checkPruning(start, tally, options.resumeFrom);
  await checkRevocations(files, header.origin, options, tally.keys);
  let signedRecords = Math.max(...signed.map(({ size }) => size));
  // Whoever writes the journal may have signed more since.
  if (tally.echoed > signedRecords)
    signedRecords = Math.max(
      ...(await readCheckpoints(files, header.origin, options)).map(({ size }) => size),
    );
  signedRecords = Math.min(signedRecords, chain.size);
  const tornBytes = torn?.length ?? 0;
  return report(header, { chain, openAttempts, signedRecords, tally, start, tornBytes });
}

/** Follows the chain from the start to the end: what is closed in other threads, if there are any, and the rest here. */
async function readRecords(
  parts: Omit<SegmentsToVerify, "workers">,
  workers: number,
): Promise<{
  readonly chain: ChainReader;
  readonly torn: TornTail | undefined;
  readonly openAttempts: readonly number[];
}> {
  const { files, checkpoints, progress, start, tally, gapMs } = parts;
  if (workers === 0) {
    const chain = new ChainReader(start, checkpoints);
    const { torn } = await readJournal(files, chain, {
      onRecord: (fields, line) => {
        tallyRecord(tally, fields, { line, gapMs });
        progress(1, line.length + 1);
      },
    });
    return { chain, torn, openAttempts: [...chain.openAttempts] };
  }
  const closed = await verifySegments({ ...parts, workers });
  const chain = new ChainReader(closed.rest, checkpoints);
  const first = chain.size;
  const later = emptyTally();
  const settled = new Set<number>();
  const reading = readJournal(files, chain, {
    onRecord: (fields, line) => {
      tallyRecord(later, fields, { line, gapMs });
      if (typeof fields.of === "number" && fields.of < first) settled.add(fields.of);
      progress(1, line.length + 1);
    },
  });
  const [before, rest] = await Promise.allSettled([closed.end(), reading]);
  // What is wrong first is told.
  if (before.status === "rejected") throw before.reason;
  if (rest.status === "rejected") throw rest.reason;
  addTally(tally, later, { first, gapMs });
  const open = before.value.openAttempts.filter((sequence) => !settled.has(sequence));
  return { chain, torn: rest.value.torn, openAttempts: [...open, ...chain.openAttempts] };
}

/** What was verified before must still be there, as it was. */
function seenBefore(origin: string, seen: ChainState | undefined): readonly Checkpoint[] {
  if (seen === undefined) return [];
  return [{ origin, size: seen.size, root: CompactRange.from(seen.size, seen.roots).root() }];
}

/** The beginning of the oldest segment there is, or the segment in which an earlier verification ended. */
async function startOf(
  files: JournalFiles,
  header: JournalHeader,
  { trusted, resumeFrom }: VerifyJournalOptions,
): Promise<ChainState> {
  const firsts = files.segments().map((segment) => files.firstOf(segment));
  const oldest = firsts[0] ?? 0;
  const wanted =
    resumeFrom === undefined ? oldest : (firsts.findLast((first) => first <= resumeFrom.size) ?? oldest);
  if (resumeFrom?.size === wanted) return resumeFrom;
  return stateAtSegment(files, header, wanted, journalKeys(header.origin, trusted));
}

/** What a revoked key has signed since counts for nothing, although it is trusted. */
async function checkRevocations(
  files: JournalFiles,
  origin: string,
  { trusted, anchors = [] }: VerifyJournalOptions,
  changes: readonly KeyChange[],
): Promise<void> {
  const limits = new Map(changes.map(({ revoked, from }) => [revoked, from]));
  limits.delete(undefined);
  if (limits.size === 0) return;
  const restricted = trusted.flatMap((key): readonly TrustedKey[] => {
    const { fromSize = 0, toSize = Infinity, ...given } = typeof key === "string" ? { key } : key;
    const limit = limits.get(given.key);
    if (limit === undefined) return [key];
    return limit < fromSize ? [] : [{ ...given, fromSize, toSize: Math.min(limit, toSize) }];
  });
  await readCheckpoints(files, origin, { trusted: restricted, anchors });
}

function checkPruning(start: ChainState, tally: RecordTally, resumed: ChainState | undefined): void {
  if (resumed !== undefined || start.size <= tally.prunedTo) return;
  const message = "the first segments are gone, and it is not on record that they were pruned";
  throw new AuditError("AUDIT_CORRUPT", message, { record: 0 });
}

function progressOf(
  files: JournalFiles,
  { size }: ChainState,
  onProgress: ((progress: VerifyProgress) => void) | undefined,
): (records: number, bytes: number) => void {
  if (onProgress === undefined) return () => undefined;
  const read = files.segments().filter((segment) => files.firstOf(segment) >= size);
  const totalBytes = read.reduce((sum, path) => sum + plainSize(path), 0);
  let records = 0;
  let bytes = 0;
  let told = 0;
  return (moreRecords, moreBytes) => {
    records += moreRecords;
    bytes += moreBytes;
    if (bytes - told < PROGRESS_BYTES && bytes < totalBytes) return;
    told = bytes;
    onProgress({ records, bytes, totalBytes });
  };
}

function report(
  { origin }: JournalHeader,
  parts: {
    readonly chain: ChainReader;
    readonly openAttempts: readonly number[];
    readonly signedRecords: number;
    readonly tally: RecordTally;
    readonly start: ChainState;
    readonly tornBytes: number;
  },
): VerifiedJournal {
  const { chain, openAttempts, signedRecords, tally, start, tornBytes } = parts;
  const { dropped, keys, gaps, late, firstTs, lastTs, prunedArchived } = tally;
  return {
    origin,
    records: chain.size,
    root: chain.range.root(),
    signedRecords,
    checkpointedRecords: tally.echoed,
    openAttempts,
    prunedRecords: Math.min(start.size, tally.prunedTo),
    prunedArchived,
    dropped: { ...dropped },
    keys,
    gaps,
    late,
    ...(firstTs === "" ? {} : { firstTs, lastTs }),
    tornBytes,
    state: { ...chain.state, openAttempts },
  };
}
