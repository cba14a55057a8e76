import { asAuditError } from "./as-audit-error.ts";
import { AuditError } from "./audit-error.ts";
import { ChainReader } from "./chain-reader.ts";
import { type Checkpoint, verifyCheckpoint } from "./checkpoint.ts";
import { JournalFiles } from "./journal-files.ts";
import { genesisHash } from "./journal-header.ts";
import { readJournal } from "./read-journal.ts";
import { parseVerifierKey, type VerifierKey } from "./verifier-key.ts";

/** What a journal is checked against. */
export interface VerifyJournalOptions {
  /** Keys that may have signed checkpoints, as `name+id+key`. Never take them from the journal itself. */
  readonly trusted: readonly string[];
  /**
   * Signed checkpoints that were kept outside the journal's own folder. Without one, whoever can write the folder
   * can put an older copy of all of it in place. Default none.
   */
  readonly anchors?: readonly string[];
}

/** What is true of a journal that passed. */
export interface JournalReport {
  readonly origin: string;
  /** Records found, all of them chained. */
  readonly records: number;
  /** Merkle root over all records. */
  readonly root: Uint8Array;
  /** Records covered by the newest signed checkpoint. */
  readonly signedRecords: number;
  /** Sequences of attempts without an outcome: calls that were cut off, or are running. */
  readonly openAttempts: readonly number[];
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
  const chain = new ChainReader(genesisHash(header), checkpoints);
  const { torn } = await readJournal(files, chain);
  chain.end();
  return {
    origin: header.origin,
    records: chain.size,
    root: chain.range.root(),
    signedRecords: Math.max(...checkpoints.map(({ size }) => size)),
    openAttempts: chain.openAttempts,
    tornBytes: torn?.length ?? 0,
  };
}

/** The journal's own newest checkpoint and those kept outside, all verified. */
export async function readCheckpoints(
  files: JournalFiles,
  origin: string,
  { trusted, anchors = [] }: VerifyJournalOptions,
): Promise<readonly Checkpoint[]> {
  // The key of another journal says nothing about this one; a witness has a name of its own.
  const keys: readonly VerifierKey[] = trusted
    .map(parseVerifierKey)
    .filter(({ type, name }) => type !== "ed25519" || name === origin);
  const own = await files.readCheckpoint();
  if (own === undefined) throw new AuditError("AUDIT_ROLLBACK", "the journal has no checkpoint");
  return [own, ...anchors].map((note) => verifyCheckpoint(note, origin, keys));
}
