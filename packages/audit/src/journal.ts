import { type AppendFile, acquireLock, type FileLock, FilestoreError } from "@symbiont/filestore";
import { type AuditReceipt, type AuditRecord, type AuditSink, type Clock, encodeHex } from "@symbiont/kit";
import { asAuditError, unavailable } from "./as-audit-error.ts";
import { AuditError } from "./audit-error.ts";
import { signCheckpoint } from "./checkpoint.ts";
import type { CompactRange } from "./compact-range.ts";
import { JournalFiles } from "./journal-files.ts";
import { journalLine } from "./journal-line.ts";
import { checkJournalOptions, type JournalOptions } from "./journal-options.ts";
import { type RecoveredJournal, recoverJournal } from "./recover-journal.ts";
import { serviceRecord } from "./service-record.ts";
import { leafHash } from "./tree-hash.ts";
import { formatVerifierKey, verifierKey } from "./verifier-key.ts";

const MAX_BATCH_RECORDS = 512;
const LOCK_TIMEOUT_MS = 2_000;
const NEWLINE = Uint8Array.of(0x0a);

interface Waiting {
  readonly record: AuditRecord;
  readonly time: number;
  readonly resolve: (receipt: AuditReceipt) => void;
  readonly reject: (error: AuditError) => void;
}

/**
 * An append-only file of chained records: an append resolves when the record is durable on disk.
 *
 * One sync makes a whole batch durable; while it runs the next batch collects. A failed sync is final: everything
 * waiting is refused, and so is every later append, until the journal is opened again.
 */
export class Journal implements AuditSink {
  /** The public key of the checkpoints, as `name+id+key`. */
  readonly verifierKey: string;
  readonly #files: JournalFiles;
  readonly #segment: AppendFile;
  readonly #lock: FileLock;
  readonly #options: JournalOptions;
  readonly #clock: Clock;
  readonly #range: CompactRange;
  #head: string;
  #time: number;
  #signed: number;
  #waiting: Waiting[] = [];
  /** Set while batches are being written. */
  #writing: Promise<void> | undefined;
  #failure: AuditError | undefined;
  #checkpointing: Promise<unknown> = Promise.resolve();
  /** Whether a checkpoint of the journal's own accord is on its way. */
  #sealing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    files: JournalFiles,
    lock: FileLock,
    recovered: RecoveredJournal,
    options: JournalOptions,
  ) {
    this.verifierKey = formatVerifierKey(verifierKey(options.origin, options.key.publicKey));
    this.#files = files;
    this.#lock = lock;
    this.#segment = recovered.segment;
    this.#options = options;
    this.#clock = options.clock ?? Date;
    this.#range = recovered.chain.range;
    this.#head = recovered.chain.head;
    this.#time = recovered.chain.time;
    this.#signed = recovered.signed;
  }

  /**
   * Opens the journal in a folder, or creates it. Everything on disk is verified first. A tail that a crash tore is
   * moved to `quarantine/` and reported in a `journal.recovered` record, with every attempt that has no outcome.
   *
   * @throws AuditError as `verifyJournal`; `AUDIT_FORKED` when the folder holds another journal;
   * `AUDIT_UNAVAILABLE` when the files cannot be used.
   */
  static async open(directory: string, options: JournalOptions): Promise<Journal> {
    checkJournalOptions(options);
    const files = new JournalFiles(directory);
    let lock: FileLock | undefined;
    let recovered: RecoveredJournal | undefined;
    try {
      await files.prepare();
      lock = await acquireLock(files.writer, { timeoutMs: LOCK_TIMEOUT_MS });
      recovered = await recoverJournal(files, options);
      const journal = new Journal(files, lock, recovered, options);
      await journal.append(recovered.opening);
      return journal;
    } catch (error) {
      await recovered?.segment.close().catch(() => undefined);
      await lock?.release().catch(() => undefined);
      throw asAuditError(error);
    }
  }

  /** Records that are durable. */
  get size(): number {
    return this.#range.size;
  }

  /**
   * Adds a record. Resolves when it is durable.
   * @throws AuditError `AUDIT_RECORD_INVALID`, `AUDIT_RECORD_TOO_LARGE`; `AUDIT_UNAVAILABLE` when it could not be made
   * durable or too many are waiting; `AUDIT_CLOSED`.
   */
  async append(record: AuditRecord): Promise<AuditReceipt> {
    if (this.#closing !== undefined) throw new AuditError("AUDIT_CLOSED", "the journal is closed");
    return this.#enqueue(record);
  }

  /**
   * Signs and anchors a checkpoint over everything that is durable, and returns it.
   * @throws AuditError `AUDIT_UNAVAILABLE` when it could not be kept, `AUDIT_FORKED`, `AUDIT_CLOSED`.
   */
  async checkpoint(): Promise<string> {
    if (this.#closing !== undefined) throw new AuditError("AUDIT_CLOSED", "the journal is closed");
    return this.#checkpoint();
  }

  async #checkpoint(): Promise<string> {
    const result = this.#checkpointing.then(async () => this.#sign());
    this.#checkpointing = result.catch(() => undefined);
    return result;
  }

  /** Writes what is waiting, a last record and a last checkpoint, and closes the files. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      if (this.#failure === undefined) {
        await this.#enqueue(serviceRecord(this.#options.origin, "journal.close", {}), Infinity);
        await this.#checkpoint();
      }
    } finally {
      // Nothing may be written any more when the lock is given back.
      await this.#writing;
      await this.#checkpointing;
      await this.#segment.close().catch(() => undefined);
      await this.#lock.release().catch(() => undefined);
    }
  }

  async #enqueue(
    record: AuditRecord,
    maxQueued: number = this.#options.maxQueued ?? 10_000,
  ): Promise<AuditReceipt> {
    if (this.#failure !== undefined)
      throw unavailable("the journal has failed and must be opened again", this.#failure);
    if (this.#waiting.length >= maxQueued) throw unavailable("too many records are waiting");
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, time: this.#clock.now(), resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Writes batch after batch until nothing waits. */
  async #write(): Promise<void> {
    // One turn of the event loop lets all that was appended in this one share the first sync.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH_RECORDS);
      try {
        await this.#writeBatch(batch);
      } catch (error) {
        const failure = unavailable("the record could not be made durable", error);
        for (const { reject } of batch) reject(failure);
      }
      this.#scheduleCheckpoint();
    }
    this.#writing = undefined;
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    if (this.#lock.compromised)
      this.#failure ??= new AuditError("AUDIT_FORKED", "the journal's lock was lost");
    if (this.#failure !== undefined) throw this.#failure;
    const chunks: Uint8Array[] = [];
    const leaves: Uint8Array[] = [];
    const written: Waiting[] = [];
    let head = this.#head;
    let time = this.#time;
    for (const waiting of batch) {
      const clamped = waiting.time < time;
      const position = {
        sequence: this.size + leaves.length,
        time: clamped ? time : waiting.time,
        clamped,
        previous: head,
      };
      let line: Uint8Array;
      try {
        line = journalLine(waiting.record, position);
      } catch (error) {
        waiting.reject(asAuditError(error));
        continue;
      }
      const leaf = leafHash(line);
      head = encodeHex(leaf);
      time = position.time;
      chunks.push(line, NEWLINE);
      leaves.push(leaf);
      written.push(waiting);
    }
    if (written.length === 0) return;
    const first = this.size;
    try {
      this.#segment.append(chunks);
      await this.#segment.sync();
    } catch (error) {
      for (const { reject } of written) reject(unavailable("the record could not be made durable", error));
      if (!isHarmless(error)) this.#failure = unavailable("the journal could not be written", error);
      return;
    }
    for (const leaf of leaves) this.#range.append(leaf);
    this.#head = head;
    this.#time = time;
    written.forEach(({ resolve }, index) => resolve({ sequence: first + index }));
  }

  #scheduleCheckpoint(): void {
    if (this.#closing !== undefined || this.#failure !== undefined || this.#sealing) return;
    const unsigned = this.size - this.#signed;
    if (unsigned >= (this.#options.checkpointEvery ?? 1_000)) void this.#seal();
    else if (unsigned > 0)
      this.#timer ??= setTimeout(
        () => void this.#seal(),
        this.#options.checkpointIntervalMs ?? 10_000,
      ).unref();
  }

  /** Signs a checkpoint, one at a time however slow the anchor is, and looks again afterwards. */
  async #seal(): Promise<void> {
    if (this.#sealing) return;
    this.#sealing = true;
    try {
      await this.#checkpoint();
    } catch (error) {
      this.#fail(error);
    }
    this.#sealing = false;
    this.#scheduleCheckpoint();
  }

  async #sign(): Promise<string> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#failure !== undefined)
      throw unavailable("the journal has failed and must be opened again", this.#failure);
    const { origin, key, anchor, anchorTimeoutMs = 10_000 } = this.#options;
    const size = this.size;
    try {
      const note = signCheckpoint({ origin, size, root: this.#range.root() }, key);
      this.#lock.assertHeld();
      await this.#files.writeCheckpoint(note);
      const anchored = (async () => anchor(note))();
      await inTime(anchored, anchorTimeoutMs).catch((cause: unknown) => {
        throw unavailable("the checkpoint could not be anchored", cause);
      });
      this.#signed = size;
      return note;
    } catch (error) {
      throw asAuditError(error);
    }
  }

  /** A journal whose checkpoints cannot be kept must not go on as if they were. */
  #fail(error: unknown): void {
    this.#failure ??= unavailable("a checkpoint could not be kept", error);
  }
}

/** Errors after which the file is as it was before the append, so that the next one may succeed. */
function isHarmless(error: unknown): boolean {
  return FilestoreError.is(error) && ["FILE_NO_SPACE", "FILE_ACCESS_DENIED", "FILE_IO"].includes(error.code);
}

/** An anchor that hangs is an anchor that failed. */
async function inTime(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the anchor took too long")), timeoutMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
