import { FilestoreError } from "@symbiont/filestore";
import type { AuditReceipt } from "@symbiont/kit";
import { asAuditError, unavailable } from "../as-audit-error.ts";
import { AuditError } from "../audit-error.ts";
import { LATEST_TIME } from "../audit-limits.ts";
import { Deadlines } from "./deadlines.ts";
import type { EncodedRecord } from "./encoded-record.ts";
import { type Durability, Entry, refuseAll } from "./entry.ts";
import { EntryQueue } from "./entry-queue.ts";
import { isHarmless } from "./harmless-error.ts";
import type { JournalWriterParts } from "./journal-writer-parts.ts";
import { OwnRecords } from "./own-records.ts";
import { sealBatch, sealMark } from "./seal-batch.ts";
import { SegmentRotation } from "./segment-rotation.ts";

const SYNC_INTERVAL_MS = 100;
/** So many records that nobody waits for are written without delay. */
const LAZY_RECORDS = 512;
const MAX_UNSYNCED_BYTES = 1 << 20;

/**
 * Writes what is queued in batches: one sync makes a whole batch durable, and while it runs the next batch collects.
 * A failure that leaves the file in doubt is final.
 */
export class JournalWriter {
  readonly #parts: JournalWriterParts;
  readonly #queue: EntryQueue;
  readonly #rotation: SegmentRotation;
  readonly #own: OwnRecords;
  readonly #deadlines = new Deadlines();
  /** Written, and not durable yet. */
  #unsynced: Entry[] = [];
  #unsyncedBytes = 0;
  #syncDue = false;
  #running: Promise<void> | undefined;
  #failure: AuditError | undefined;
  #segmentInDoubt = false;
  #syncing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lazily = false;
  /** Run when everything that is written is durable. */
  #whenDurable: (() => void)[] = [];
  /** Told after each batch, and when the writer has failed. */
  onProgress: () => void = () => undefined;
  /** Told after each sync. */
  onDurable: () => void = () => undefined;

  constructor(parts: JournalWriterParts) {
    this.#parts = parts;
    this.#queue = new EntryQueue(parts.settings, this.#deadlines);
    this.#rotation = new SegmentRotation(parts);
    this.#own = new OwnRecords(parts.settings);
  }

  get failure(): AuditError | undefined {
    return this.#failure;
  }

  /** Whether the failure was one of the segment: nobody knows what of it is on the disk. */
  get segmentInDoubt(): boolean {
    return this.#segmentInDoubt;
  }

  get size(): number {
    return this.#parts.chain.size;
  }

  get hasRoom(): boolean {
    return this.#queue.hasRoom;
  }

  /** Monotonic milliseconds at which a record that comes now has waited too long. */
  deadline(): number {
    return performance.now() + this.#parts.settings.deadlineMs;
  }

  /** Resolves when there is room. @throws AuditError `AUDIT_UNAVAILABLE` when the deadline passes first. */
  async whenRoom(deadline: number): Promise<void> {
    await this.#queue.whenRoom(deadline);
    this.assertUsable();
  }

  /** @throws AuditError `AUDIT_UNAVAILABLE` when the writer has failed. */
  assertUsable(): void {
    if (this.#failure !== undefined)
      throw unavailable("the journal has failed and must be opened again", this.#failure);
  }

  /** Takes a record whatever room there is. @throws AuditError `AUDIT_UNAVAILABLE` */
  enqueue(entry: Entry): void {
    this.assertUsable();
    if (!(entry.time <= LATEST_TIME)) throw unavailable("the clock tells no time that can be recorded");
    if (entry.encoded.outcome === "attempt" && !this.#parts.reserve.intact)
      throw unavailable("the disk is full: no new attempts are taken");
    this.#queue.push(entry);
    if (!entry.encoded.type.startsWith("journal.")) this.#deadlines.add(entry);
    if (entry.durability === "record" || this.#queue.length >= LAZY_RECORDS) this.#running ??= this.#run();
    else this.#runSoon();
  }

  /** The promise form of {@link JournalWriter.enqueue}: one promise for each record, which is what it costs. */
  append(encoded: EncodedRecord, durability: Durability, deadline: number): Promise<AuditReceipt> {
    return new Promise((done, failed) => {
      const time = this.#parts.settings.clock.now();
      this.enqueue(new Entry({ encoded, time, durability, deadline, done, failed }));
    });
  }

  /** Size and root at a moment when everything written is durable. @throws AuditError */
  async state(): Promise<{ readonly size: number; readonly root: Uint8Array }> {
    for (;;) {
      this.assertUsable();
      const end = this.#parts.chain.end;
      if (end !== undefined) return { size: end.range.size, root: end.range.root() };
      await new Promise<void>((resolve) => {
        this.#whenDurable.push(resolve);
        this.#syncDue = true;
        this.#running ??= this.#run();
      });
    }
  }

  /** Settles when nothing is being written any more; never rejects. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    await this.#rotation.idle;
    clearTimeout(this.#timer);
    this.#deadlines.stop();
  }

  /** Stops: nothing that is not durable yet will be. */
  fail(error: AuditError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    const refused = unavailable("the record could not be made durable", error);
    // A sync that is under way may still succeed: what it covers is told how it ended.
    if (!this.#syncing) refuseAll(this.#unsynced.splice(0), refused);
    refuseAll(this.#queue.takeAll(), refused);
    this.#queue.refuse(refused);
    this.#release();
    this.onProgress();
  }

  /**
   * Writes what is queued and makes it durable, blocking, for the last moment of a process; then stops, for nobody is
   * told how it ended. What cannot be written is lost, as it would be without this.
   */
  flushNow(): void {
    if (this.#failure !== undefined) return;
    try {
      while (this.#queue.length > 0) {
        const batch = this.#queue.takeBatch();
        if (batch.length > 0) this.#parts.chain.write(batch);
      }
      this.#parts.chain.syncNow();
      this.#failure = unavailable("the process is ending");
    } catch (error) {
      this.#failure = asAuditError(error);
    }
  }

  /** Nobody waits for these records: the turn of the event loop that brought them is not held up. */
  #runSoon(): void {
    if (this.#lazily) return;
    this.#lazily = true;
    setImmediate(() => {
      this.#lazily = false;
      this.#running ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    // One turn of the event loop lets all that was appended in this one share the first sync.
    await Promise.resolve();
    while (this.#failure === undefined && (this.#queue.length > 0 || this.#syncDue)) {
      await this.#step().catch((error: unknown) => {
        this.#segmentInDoubt = true;
        this.fail(asAuditError(error));
      });
      this.onProgress();
    }
    this.#running = undefined;
  }

  async #step(): Promise<void> {
    const batch = this.#own.withEcho(this.#queue.takeBatch());
    this.#write(batch);
    let due = this.#syncDue || this.#unsyncedBytes >= MAX_UNSYNCED_BYTES;
    for (const entry of batch) {
      if (entry.durability === "record") due = true;
      if (entry.durability === "none") entry.keep();
    }
    if (due) await this.#sync();
    else if (this.#unsynced.length > 0) this.#timer ??= setTimeout(() => this.#syncLater(), SYNC_INTERVAL_MS);
  }

  #syncLater(): void {
    this.#syncDue = true;
    this.#running ??= this.#run();
  }

  #write(batch: readonly Entry[]): void {
    if (batch.length === 0) return;
    try {
      if (this.#parts.lock.compromised) throw new AuditError("AUDIT_FORKED", "the journal's lock was lost");
      this.#parts.chain.write(batch);
    } catch (error) {
      if (!isHarmless(error)) {
        this.#unsynced.push(...batch); // whoever stops the writer tells them
        throw error;
      }
      this.#retryWithoutAttempts(batch, error);
      return;
    }
    for (const entry of batch) {
      this.#unsynced.push(entry);
      this.#unsyncedBytes += entry.encoded.bytes;
    }
  }

  /** When the disk is full the reserve is given up, for what has happened already and not for what is to come. */
  #retryWithoutAttempts(batch: readonly Entry[], cause: unknown): void {
    const error = unavailable("the record could not be written", cause);
    const full = FilestoreError.is(cause) && cause.code === "FILE_NO_SPACE";
    if (!full || !this.#parts.reserve.release()) {
      refuseAll(batch, error);
      return;
    }
    for (const entry of batch) if (entry.encoded.outcome === "attempt") entry.refuse(error);
    this.note("journal.degraded", { reason: "no space" });
    this.#write(batch.filter(({ encoded }) => encoded.outcome !== "attempt"));
  }

  async #sync(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#syncDue = false;
    const { chain } = this.#parts;
    const unsynced = this.#unsynced;
    const { leaves, lines } = await this.#syncChain();
    this.#unsynced = [];
    this.#unsyncedBytes = 0;
    if (lines.length > 0) this.#parts.onCommitted?.(lines);
    const unsigned = this.#parts.settings.seal === "batch" ? await sealBatch(this.#parts) : undefined;
    if (unsigned !== undefined) {
      this.fail(unsigned);
      refuseAll(unsynced, unavailable("the record could not be signed", unsigned));
      return;
    }
    for (const entry of unsynced) {
      if (entry.expired) this.note("journal.late", { reason: "deadline" }, entry.sequence);
      entry.keep();
    }
    this.#release();
    if (this.#failure !== undefined) return;
    this.#parts.signer?.sign(chain.size - leaves.length, leaves);
    this.onDurable();
    if (this.#rotation.due) await this.#rotate();
  }

  async #syncChain(): ReturnType<JournalWriterParts["chain"]["sync"]> {
    this.#syncing = true;
    try {
      return await this.#parts.chain.sync();
    } catch (error) {
      this.#syncing = false;
      this.#segmentInDoubt = true;
      this.fail(asAuditError(error));
      refuseAll(this.#unsynced.splice(0), unavailable("the record could not be made durable", error));
      throw error;
    } finally {
      this.#syncing = false;
    }
  }

  /** Closes the segment at a checkpoint and goes on in a new one. */
  async #rotate(): Promise<void> {
    const change = await this.#rotation.rotate((error) => this.fail(error));
    if (change !== undefined)
      this.note("journal.rotated", { ...change, ...sealMark(this.#parts.settings.seal) });
  }

  /** Records something about the journal itself; nobody waits for it. */
  note(...about: Parameters<OwnRecords["entry"]>): void {
    this.#queue.push(this.#own.entry(...about));
  }

  /** Records the newest checkpoint in front of the next record. */
  echo(size: number, root: Uint8Array): void {
    this.#own.echo(size, root);
  }

  #release(): void {
    for (const go of this.#whenDurable.splice(0)) go();
  }
}
