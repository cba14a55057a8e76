import type { PrivateKey } from "@symbiont/keys";
import type { AuditReceipt, AuditRecord, AuditSink } from "@symbiont/kit";
import { asAuditError } from "../as-audit-error.ts";
import { AuditError } from "../audit-error.ts";
import { formatVerifierKey, verifierKey } from "../notes/verifier-key.ts";
import type { CompressedSegment } from "../retention/compress-segment.ts";
import { pruneJournal } from "../retention/prune-journal.ts";
import type { ClosedSegment, RetentionOptions } from "../retention/prune-segments.ts";
import { appendWhenRoom } from "./append-when-room.ts";
import { encodeCallerRecord } from "./encoded-record.ts";
import type { JournalOptions } from "./journal-options.ts";
import { type JournalSession, openJournalSession } from "./journal-session.ts";

/**
 * An append-only log of chained records: an append resolves when the record is durable on disk.
 *
 * One sync makes a whole batch durable; while it runs the next batch collects. A failed sync is final: everything
 * waiting is refused, and so is every later append, until the journal is opened again. `AuditLog` does that by itself.
 */
export class Journal implements AuditSink {
  /** The public key of the checkpoints, as `name+id+key`. */
  get verifierKey(): string {
    const { origin, key } = this.#session.settings;
    return formatVerifierKey(verifierKey(origin, key.publicKey));
  }

  readonly #session: JournalSession;
  #closing: Promise<void> | undefined;

  private constructor(session: JournalSession) {
    this.#session = session;
  }

  /**
   * Opens the journal in a folder, or creates it. What is on disk is verified from the newest closed segment on. A
   * tail that a crash tore is moved to `quarantine/` and reported in a `journal.recovered` record, with every attempt
   * that has no outcome.
   *
   * @throws AuditError as `verifyJournal`; `AUDIT_FORKED` when the folder holds another journal;
   * `AUDIT_UNAVAILABLE` when the files cannot be used.
   */
  static async open(directory: string, options: JournalOptions): Promise<Journal> {
    return new Journal(await openJournalSession(directory, options));
  }

  /** Records that are durable. */
  get size(): number {
    return this.#session.writer.size;
  }

  /**
   * Adds a record, which is read at once. Resolves when it is durable. When too many wait, the call waits for room.
   * @throws AuditError `AUDIT_RECORD_INVALID`; `AUDIT_UNAVAILABLE` when it could not be made
   * durable, or not in time; `AUDIT_CLOSED`.
   */
  append(record: AuditRecord): Promise<AuditReceipt> {
    try {
      this.#assertOpen();
      const { writer } = this.#session;
      writer.assertUsable();
      const encoded = encodeCallerRecord(record);
      const assertOpen = (): void => this.#assertOpen();
      return appendWhenRoom(writer, encoded, { deadline: writer.deadline(), assertOpen });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Signs and anchors a checkpoint over everything that is durable, and returns it.
   * @throws AuditError `AUDIT_UNAVAILABLE` when it could not be kept, `AUDIT_FORKED`, `AUDIT_CLOSED`.
   */
  async checkpoint(): Promise<string> {
    this.#assertOpen();
    return this.#session.checkpoint();
  }

  /**
   * Goes on with another key: on record, and under a checkpoint that both keys have signed. Open the journal with the new
   * key from now on, and the old one among the `trusted`.
   * @throws AuditError `AUDIT_UNAVAILABLE`, `AUDIT_CLOSED`; RangeError when it is the same key.
   */
  async rotateKey(next: PrivateKey): Promise<void> {
    this.#assertOpen();
    await this.#session.changeKey(next);
  }

  /**
   * Records that signatures of a key, as `name+id+key`, count for nothing on checkpoints of more than so many records:
   * it was stolen. Verifiers that believe this journal refuse them; tell the others by the ranges of their trusted keys.
   * @throws AuditError `AUDIT_UNAVAILABLE`, `AUDIT_CLOSED`, `AUDIT_KEY_MALFORMED`; RangeError
   */
  async revokeKey(key: string, size: number): Promise<void> {
    this.#assertOpen();
    await this.#session.revokeKey(key, size);
  }

  /**
   * Gives up old segments: on record and under a checkpoint first. Proofs for what is left, and for archived copies of
   * what is gone, still work.
   * @returns the segments that were deleted, or would be.
   * @throws AuditError `AUDIT_UNAVAILABLE`, `AUDIT_CLOSED`; RangeError when no limit is given.
   */
  async prune(options: RetentionOptions): Promise<readonly ClosedSegment[]> {
    this.#assertOpen();
    return pruneJournal(this.#session, options);
  }

  /**
   * Compresses the closed segments with gzip; everything reads them as it does plain ones.
   * @returns those that were compressed now.
   * @throws AuditError `AUDIT_UNAVAILABLE`, `AUDIT_CLOSED`; `AUDIT_CORRUPT` when one is not what was signed: it stays.
   */
  async compress(): Promise<readonly CompressedSegment[]> {
    this.#assertOpen();
    try {
      return await this.#session.compress();
    } catch (error) {
      throw asAuditError(error);
    }
  }

  /** Writes what is waiting, a last record and a last checkpoint, and closes the files. */
  async close(): Promise<void> {
    this.#closing ??= this.#session.close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new AuditError("AUDIT_CLOSED", "the journal is closed");
  }
}
