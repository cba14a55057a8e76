import { unavailable } from "../as-audit-error.ts";
import { Deadlines, type Waiting } from "../journal/deadlines.ts";
import { Fifo } from "../journal/fifo.ts";
import { type CommittedLine, LiveSink, type LiveSinkSource } from "./live-sink.ts";
import type { RecordSink } from "./record-sink.ts";

/** Sinks that must have a strict record before its caller goes on. */
export interface RequiredSinksOptions {
  readonly sinks: readonly RecordSink[];
  /** How many of them must have it. Default all. */
  readonly quorum?: number;
}

interface Waiter extends Waiting {
  readonly sequence: number;
  readonly done: () => void;
}

/** Makes sinks a part of the strict path: tells when enough of them have a record. */
export class RequiredSinks {
  readonly #sinks: readonly LiveSink[];
  readonly #quorum: number;
  readonly #deadlines = new Deadlines();
  readonly #waiters = new Fifo<Waiter>();

  /** @throws RangeError naming the option. */
  constructor({ sinks, quorum = sinks.length }: RequiredSinksOptions, source: LiveSinkSource) {
    if (sinks.length === 0 || new Set(sinks.map(({ name }) => name)).size < sinks.length)
      throw new RangeError("required.sinks must be at least one, each with a name of its own");
    if (!Number.isSafeInteger(quorum) || quorum < 1 || quorum > sinks.length)
      throw new RangeError(`required.quorum must be from 1 to ${sinks.length}, got ${quorum}`);
    this.#quorum = quorum;
    this.#sinks = sinks.map((sink) => new LiveSink(sink, source));
    for (const sink of this.#sinks) sink.onProgress = () => this.#settle();
  }

  /** Takes what has become durable. */
  commit(lines: readonly CommittedLine[]): void {
    for (const sink of this.#sinks) sink.commit(lines);
  }

  /** Resolves when enough sinks have the record. @throws AuditError `AUDIT_UNAVAILABLE` when the deadline passes first. */
  async kept(sequence: number, deadline: number): Promise<void> {
    if (this.#isKept(sequence)) return;
    await new Promise<void>((resolve, reject) => {
      const refuse = (): void => reject(unavailable("the required sinks did not take the record in time"));
      const waiter: Waiter = { sequence, deadline, expired: false, settled: false, done: resolve, refuse };
      this.#waiters.push(waiter);
      this.#deadlines.add(waiter);
    });
  }

  /** Sends what there is, but not longer than this. */
  async stop(waitMs: number): Promise<void> {
    await Promise.all(this.#sinks.map(async (sink) => sink.stop(waitMs)));
    this.#deadlines.stop();
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift())
      if (!waiter.expired) waiter.refuse(unavailable("the log was closed"));
  }

  #settle(): void {
    for (let first = this.#waiters.first; first !== undefined; first = this.#waiters.first) {
      if (!first.expired) {
        if (!this.#isKept(first.sequence)) return;
        first.settled = true;
        first.done();
      }
      this.#waiters.shift();
    }
  }

  #isKept(sequence: number): boolean {
    let count = 0;
    for (const sink of this.#sinks) if (sink.has(sequence)) count += 1;
    return count >= this.#quorum;
  }
}
