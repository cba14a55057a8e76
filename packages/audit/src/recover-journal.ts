import { AppendFile } from "@symbiont/filestore";
import type { AuditRecord } from "@symbiont/kit";
import { AuditError } from "./audit-error.ts";
import { ChainReader } from "./chain-reader.ts";
import { signCheckpoint, verifyCheckpoint } from "./checkpoint.ts";
import type { JournalFiles } from "./journal-files.ts";
import { genesisHash, type JournalHeader, journalHeader } from "./journal-header.ts";
import { MAX_RECORD_BYTES } from "./journal-line.ts";
import type { JournalOptions } from "./journal-options.ts";
import { type JournalEnd, readJournal } from "./read-journal.ts";
import { serviceRecord } from "./service-record.ts";
import { emptyRoot } from "./tree-hash.ts";
import { formatVerifierKey, parseVerifierKey, verifierKey } from "./verifier-key.ts";
import { readCheckpoints } from "./verify-journal.ts";

/** A journal that was verified and can be written. */
export interface RecoveredJournal {
  readonly chain: ChainReader;
  readonly segment: AppendFile;
  /** Records covered by the newest signed checkpoint. */
  readonly signed: number;
  /** The record to begin with: that it was created, opened, or recovered from a crash. */
  readonly opening: AuditRecord;
}

/** Verifies what is on disk, or creates it, and makes it writable. */
export async function recoverJournal(
  files: JournalFiles,
  options: JournalOptions,
): Promise<RecoveredJournal> {
  const existing = await files.readHeader();
  const header = existing ?? (await createJournal(files, options));
  if (header.origin !== options.origin)
    throw new AuditError("AUDIT_FORKED", "the folder holds another journal");
  const own = formatVerifierKey(verifierKey(options.origin, options.key.publicKey));
  const checkpoints = await readCheckpoints(files, options.origin, {
    trusted: [own, ...(options.trusted ?? [])],
    anchors: options.anchors ?? [],
  });
  const chain = new ChainReader(genesisHash(header), checkpoints);
  const end = await readJournal(files, chain);
  chain.end();
  const { segment, tornBytes } = await openSegment(files, chain, end, options);
  return {
    chain,
    segment,
    signed: Math.max(...checkpoints.map(({ size }) => size)),
    opening: opening(options.origin, existing === undefined, tornBytes, chain.openAttempts),
  };
}

async function createJournal(
  files: JournalFiles,
  { origin, key, trusted = [], clock = Date }: JournalOptions,
): Promise<JournalHeader> {
  if (files.segments().length > 0)
    throw new AuditError("AUDIT_CORRUPT", "the journal has records but no header");
  const left = await files.readCheckpoint();
  const own = verifierKey(origin, key.publicKey);
  // A crash leaves at most the checkpoint over nothing; any other one is what remains of a journal.
  if (left !== undefined && verifyCheckpoint(left, origin, [own, ...trusted.map(parseVerifierKey)]).size > 0)
    throw new AuditError("AUDIT_ROLLBACK", "the journal of the folder's checkpoint is gone");
  const header = journalHeader(own, clock.now());
  // The checkpoint over nothing comes first: from then on a journal without one has been tampered with.
  await files.writeCheckpoint(signCheckpoint({ origin, size: 0, root: emptyRoot() }, key));
  await files.writeHeader(header);
  return header;
}

/** Opens the newest segment for writing, without what a crash tore off it. */
async function openSegment(
  files: JournalFiles,
  chain: ChainReader,
  { segment, torn }: JournalEnd,
  { clock = Date }: JournalOptions,
): Promise<{ readonly segment: AppendFile; readonly tornBytes: number }> {
  if (segment === undefined) return { segment: await AppendFile.create(files.segment(0)), tornBytes: 0 };
  const file = await AppendFile.open(segment);
  if (torn === undefined) return { segment: file, tornBytes: 0 };
  // The file itself must see the tail before it lets us move it.
  try {
    for await (const _ of file.lines({ maxLineBytes: MAX_RECORD_BYTES, from: torn.offset })) break;
    const tail = await file.repairTail(torn, files.quarantine(chain.size, clock.now()));
    return { segment: file, tornBytes: tail.bytes };
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

function opening(
  origin: string,
  created: boolean,
  tornBytes: number,
  openAttempts: readonly number[],
): AuditRecord {
  if (created) return serviceRecord(origin, "journal.open", { reason: "created" });
  if (tornBytes === 0 && openAttempts.length === 0)
    return serviceRecord(origin, "journal.open", { reason: "opened" });
  const attempts = { openAttempts: openAttempts.slice(0, 1_000), openAttemptsTotal: openAttempts.length };
  return serviceRecord(origin, "journal.recovered", { ...attempts, tornBytes });
}
