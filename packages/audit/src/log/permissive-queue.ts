import { asAuditError, unavailable } from "../as-audit-error.ts";
import type { AuditError } from "../audit-error.ts";
import { type EncodedRecord, encodeRecord } from "../journal/encoded-record.ts";
import { Entry } from "../journal/entry.ts";
import { serviceRecord } from "../journal/service-record.ts";
import type { JournalKeeper } from "./journal-keeper.ts";
import { type Loss, Spool, type SpoolLimits } from "./spool.ts";

const RETRY_MS = 1_000;

/** Hands permissive records to the journal, and holds those that it cannot take until it can. */
export class PermissiveQueue {
  readonly #keeper: JournalKeeper;
  readonly #spool: Spool;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(keeper: JournalKeeper, limits: SpoolLimits) {
    this.#keeper = keeper;
    this.#spool = new Spool(limits);
    keeper.onProgress = () => {
      if (this.#retry === undefined) this.drain();
    };
  }

  get spooled(): number {
    return this.#spool.length;
  }

  accept(encoded: EncodedRecord, token: number): void {
    const time = this.#keeper.session.settings.clock.now();
    const entry = new Entry({ encoded, time, durability: "interval", token, failed: this.#takeBack });
    const { writer } = this.#keeper;
    if (this.#spool.length === 0 && !this.#spool.hasLoss && writer.failure === undefined && writer.hasRoom)
      this.#hand(entry);
    else this.#spool.push(entry);
  }

  /** Hands on what was held, after a record of what was lost. */
  drain(): void {
    const { writer } = this.#keeper;
    if (writer.failure !== undefined) return;
    const loss = this.#spool.takeLoss();
    if (loss !== undefined && !this.#hand(this.#lossEntry(loss))) return;
    while (writer.failure === undefined && writer.hasRoom) {
      const entry = this.#spool.shift();
      if (entry === undefined || !this.#hand(entry)) break;
    }
  }

  /** Hands on what fits, without waiting for anything. */
  drainNow(flush: () => void): void {
    for (let before = -1; before !== this.#spool.length && this.#keeper.writer.failure === undefined; ) {
      before = this.#spool.length;
      this.drain();
    }
    flush();
  }

  /** Hands on everything, unless the journal fails. */
  async drainAll(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    while (this.#keeper.writer.failure === undefined) {
      this.drain();
      if ((this.#spool.length === 0 && !this.#spool.hasLoss) || this.#retry !== undefined) break;
      await this.#keeper.writer.state();
    }
    clearTimeout(this.#retry);
  }

  /** The error for records that were accepted and cannot be kept any more. */
  leftBehind(): AuditError {
    return unavailable(`${this.#spool.length} records that were accepted could not be kept`);
  }

  #lossEntry(loss: Loss): Entry {
    const { clock, origin } = this.#keeper.session.settings;
    return new Entry({
      encoded: encodeRecord(serviceRecord(origin, "journal.dropped", { ...loss })),
      time: clock.now(),
      durability: "interval",
      failed: () => this.#spool.addLoss(loss),
    });
  }

  #hand(entry: Entry): boolean {
    try {
      this.#keeper.writer.enqueue(entry);
      return true;
    } catch (error) {
      entry.refuse(asAuditError(error));
      return false;
    }
  }

  /** A journal that has failed tells when it is well again; a disk that is full must be tried. */
  readonly #takeBack = (_: AuditError, entry: Entry): void => {
    this.#spool.push(entry);
    if (this.#keeper.writer.failure !== undefined || this.#retry !== undefined) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.drain();
    }, RETRY_MS).unref();
  };
}
