import { AppendFile } from "@symbiont/filestore";
import type { AuditRecord, JsonObject } from "@symbiont/kit";
import { newestAnchored } from "../anchors/anchor.ts";
import { AuditError } from "../audit-error.ts";
import { MAX_RECORD_BYTES } from "../audit-limits.ts";
import { CompactRange } from "../merkle/compact-range.ts";
import { TileWriter } from "../merkle/tile-writer.ts";
import { emptyRoot } from "../merkle/tree-hash.ts";
import { type Checkpoint, signCheckpoint, verifyCheckpoint } from "../notes/checkpoint.ts";
import { parseTrustedKey } from "../notes/trusted-key.ts";
import { formatVerifierKey, type VerifierKey, verifierKey } from "../notes/verifier-key.ts";
import { acceptedRecord, ChainReader } from "../verify/chain-reader.ts";
import type { ChainState } from "../verify/chain-state.ts";
import { journalKeys, readCheckpoints } from "../verify/read-checkpoints.ts";
import { type JournalEnd, readJournal } from "../verify/read-journal.ts";
import type { ReadSegmentOptions } from "../verify/read-segment.ts";
import { emptyTally, tallyRecord } from "../verify/record-tally.ts";
import type { RecordFields } from "../verify/scan-record.ts";
import { stateAtSegment } from "../verify/state-at-segment.ts";
import { cutSegment } from "./cut-segment.ts";
import { COMPRESSED, type JournalFiles } from "./journal-files.ts";
import { type JournalHeader, journalHeader } from "./journal-header.ts";
import type { JournalSettings } from "./journal-options.ts";
import { sealMark } from "./seal-batch.ts";
import { serviceRecord } from "./service-record.ts";

/** Records that say how the journal is signed from there on. */
const SAYS_SEAL: ReadonlySet<unknown> = new Set(["journal.open", "journal.recovered", "journal.rotated"]);

/** A journal that was verified and can be written. */
export interface RecoveredJournal {
  readonly chain: ChainReader;
  readonly segment: AppendFile;
  /** Sequence of the segment's first record. */
  readonly segmentStart: number;
  readonly tiles: TileWriter;
  /** Hex leaf hashes of the records in the segment, when every record is signed. */
  readonly leaves: readonly string[];
  /** Records covered by the newest signed checkpoint. */
  readonly signed: number;
  /** What a crash tore off the end, and where it is now. */
  readonly repaired?: { readonly file: string; readonly bytes: number };
  /** The record to begin with: that it was created, opened, or recovered from a crash. */
  readonly opening: AuditRecord;
}

/** What is known of a journal that failed in this process. */
export interface AfterFailure {
  /** Records that were durable. What comes after them was never acknowledged. */
  readonly durable: number;
  /** Whether the segment is to be left alone from now on, because a sync of it failed. */
  readonly inDoubt: boolean;
}

/** Verifies what is on disk from the newest closed segment on, or creates it, and makes it writable. */
export async function recoverJournal(
  files: JournalFiles,
  settings: JournalSettings,
  more: { readonly after?: AfterFailure; readonly onNetwork?: boolean } = {},
): Promise<RecoveredJournal> {
  const existing = await files.readHeader();
  const header = existing ?? (await createJournal(files, settings));
  if (header.origin !== settings.origin)
    throw new AuditError("AUDIT_FORKED", "the folder holds another journal");
  const own = formatVerifierKey(verifierKey(settings.origin, settings.key.publicKey));
  const trusted = [own, ...settings.trusted];
  const anchors = [...settings.anchors, ...(await newestAnchored(settings.anchor))];
  // What was kept elsewhere confirms a journal as well as its own checkpoint does; the list beside it does not.
  const adopted = (settings.adopt || anchors.length > 0) && (await files.readCheckpoint()) === undefined;
  const checkpoints = await readCheckpoints(files, settings.origin, { trusted, anchors, adopt: adopted });
  const segments = files.segments();
  // Without a checkpoint that it can be judged by, nothing of it is believed unread.
  const from = adopted || settings.adopt ? segments.at(0) : segments.at(-1);
  const newest = from === undefined ? 0 : files.firstOf(from);
  const keys = journalKeys(settings.origin, trusted);
  const { start, tiles } = await startOf(files, header, { newest, keys });
  const leaves: string[] = [];
  const chain = new ChainReader(start, checkpoints, (level, root) => {
    tiles.listener(level, root);
    if (level === 0 && settings.signEntries) leaves.push(root);
  });
  const stop = more.after === undefined ? {} : { stopAt: more.after.durable };
  const tally = emptyTally();
  const signed = Math.max(0, ...checkpoints.map(({ size }: Checkpoint) => size));
  let signsBatches = false;
  const onRecord: ReadSegmentOptions["onRecord"] = (fields, line) => {
    tallyRecord(tally, fields, { line, gapMs: Infinity });
    if ((fields.seq as number) < signed) signsBatches = sealOf(fields, line) ?? signsBatches;
  };
  const end = await readJournal(files, chain, { ...stop, onRecord });
  chain.end();
  const isOld = tally.echoed > signed;
  if (isOld && !settings.adopt)
    throw new AuditError("AUDIT_ROLLBACK", `the journal's checkpoint over ${tally.echoed} records is gone`);
  const unacknowledged = signsBatches && chain.size > signed && signed >= start.size;
  if (unacknowledged && more.after === undefined && !adopted && !settings.adopt)
    return recoverJournal(files, settings, { ...more, after: { durable: signed, inDoubt: false } });
  const { segment, segmentStart, tornBytes, quarantine } = await openSegment({
    files,
    chain,
    end,
    settings,
    ...more,
  });
  return {
    chain,
    segment,
    segmentStart,
    tiles,
    leaves: chain.size === segmentStart ? [] : leaves.slice(segmentStart - chain.size),
    signed,
    ...(tornBytes === 0 ? {} : { repaired: { file: quarantine, bytes: tornBytes } }),
    opening: opening(settings, {
      created: existing === undefined,
      adopted: adopted || isOld,
      tornBytes,
      unsigned: Math.max(0, chain.size - signed),
      chain,
      ...more,
    }),
  };
}

/** Whether each batch is signed before its callers are told, when a record says how it is from there on. */
function sealOf({ type }: RecordFields, line: Uint8Array): boolean | undefined {
  if (!SAYS_SEAL.has(type)) return undefined;
  const { data } = acceptedRecord(line) as { readonly data?: JsonObject };
  return data?.["seal"] === "batch";
}

/** From the newest summary whose tiles are there; they are made again from the records otherwise. */
async function startOf(
  files: JournalFiles,
  header: JournalHeader,
  { newest, keys }: { readonly newest: number; readonly keys: readonly VerifierKey[] },
): Promise<{ readonly start: ChainState; readonly tiles: TileWriter }> {
  for (let from = newest; ; from = Math.max(0, from - 1)) {
    const start = await stateAtSegment(files, header, from, keys);
    const tiles = TileWriter.resume(files.tiles, CompactRange.from(start.size, start.roots));
    if (tiles !== undefined) return { start, tiles };
    if (start.size === 0) throw new AuditError("AUDIT_UNAVAILABLE", "tiles cannot be made");
    from = start.size;
  }
}

async function createJournal(
  files: JournalFiles,
  { origin, key, trusted, clock }: JournalSettings,
): Promise<JournalHeader> {
  if (files.segments().length > 0)
    throw new AuditError("AUDIT_CORRUPT", "the journal has records but no header");
  const left = await files.readCheckpoint();
  const own = verifierKey(origin, key.publicKey);
  const keys: VerifierKey[] = [own, ...trusted.map(parseTrustedKey)];
  // A crash leaves at most the checkpoint over nothing; any other one is what remains of a journal.
  if (left !== undefined && verifyCheckpoint(left, origin, keys).size > 0)
    throw new AuditError("AUDIT_ROLLBACK", "the journal of the folder's checkpoint is gone");
  const header = journalHeader(own, clock.now());
  // The checkpoint over nothing comes first: from then on a journal without one has been tampered with.
  await files.writeCheckpoint(signCheckpoint({ origin, size: 0, root: emptyRoot() }, key));
  await files.writeHeader(header);
  return header;
}

/** Opens the newest segment for writing, without what a crash tore off it, or a new one after a failed sync. */
async function openSegment({
  files,
  chain,
  end: { segment, torn, stoppedAt },
  settings: { clock, fileSystem },
  after,
}: {
  readonly files: JournalFiles;
  readonly chain: ChainReader;
  readonly end: JournalEnd;
  readonly settings: JournalSettings;
  readonly after?: AfterFailure;
}): Promise<{
  readonly segment: AppendFile;
  readonly segmentStart: number;
  readonly tornBytes: number;
  /** Where they are. */
  readonly quarantine: string;
}> {
  const options = fileSystem === undefined ? {} : { fileSystem };
  const quarantine = files.quarantine(chain.size, clock.now());
  // Whoever compressed the newest one: it is whole, and nothing can be added to it.
  if (segment === undefined || segment.endsWith(COMPRESSED))
    return {
      segment: await AppendFile.create(files.segment(chain.size), options),
      segmentStart: chain.size,
      tornBytes: 0,
      quarantine,
    };
  const segmentStart = files.firstOf(segment);
  if (after !== undefined) {
    const at = stoppedAt ?? torn?.offset;
    const tornBytes = at === undefined ? 0 : await cutSegment(segment, at, { quarantine, ...options });
    if (after.inDoubt && chain.size > segmentStart)
      return {
        segment: await AppendFile.create(files.segment(chain.size), options),
        segmentStart: chain.size,
        tornBytes,
        quarantine,
      };
    return { segment: await AppendFile.open(segment, options), segmentStart, tornBytes, quarantine };
  }
  const file = await AppendFile.open(segment, options);
  if (torn === undefined) return { segment: file, segmentStart, tornBytes: 0, quarantine };
  // The file itself must see the tail before it lets us move it.
  try {
    for await (const _ of file.lines({ maxLineBytes: MAX_RECORD_BYTES, from: torn.offset })) break;
    const tail = await file.repairTail(torn, quarantine);
    return { segment: file, segmentStart, tornBytes: tail.bytes, quarantine };
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

function opening(
  { origin, seal }: JournalSettings,
  state: {
    readonly created: boolean;
    readonly adopted: boolean;
    readonly tornBytes: number;
    readonly unsigned: number;
    readonly chain: ChainReader;
    readonly after?: AfterFailure;
    readonly onNetwork?: boolean;
  },
): AuditRecord {
  const { created, adopted, tornBytes, unsigned, chain, after, onNetwork = false } = state;
  // What was relaxed is on record.
  const relaxed = {
    ...(onNetwork ? { networkFileSystem: true } : {}),
    ...(adopted ? { adopted: true } : {}),
    // No checkpoint covered them: whoever could write the folder could have written them.
    ...(unsigned > 0 ? { unsigned } : {}),
    ...sealMark(seal),
  };
  if (created) return serviceRecord(origin, "journal.open", { reason: "created", ...relaxed });
  const open = [...chain.openAttempts];
  if (tornBytes === 0 && open.length === 0 && after === undefined && !adopted)
    return serviceRecord(origin, "journal.open", { reason: "opened", ...relaxed });
  const attempts = { openAttempts: open.slice(0, 1_000), openAttemptsTotal: open.length };
  return serviceRecord(origin, "journal.recovered", { ...attempts, tornBytes, ...relaxed });
}
