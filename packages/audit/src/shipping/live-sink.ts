import { AuditError } from "../audit-error.ts";
import type { TrustedKey } from "../notes/trusted-key.ts";
import { type JournalRecord, journalRecords } from "../read/journal-records.ts";
import { acceptedRecord } from "../verify/chain-reader.ts";
import type { RecordSink } from "./record-sink.ts";
import { sendBatch, sleep } from "./send-batch.ts";
import { SinkCursor } from "./sink-cursor.ts";

/** A record that has become durable. */
export interface CommittedLine {
  readonly sequence: number;
  /** Hex leaf hash. */
  readonly leaf: string;
  /** Canonical JSON. */
  readonly line: string;
}

/** The journal whose records are sent. */
export interface LiveSinkSource {
  readonly directory: string;
  readonly origin: string;
  readonly trusted: readonly TrustedKey[];
  /** Milliseconds for one batch. */
  readonly timeoutMs: number;
}

const BATCH_RECORDS = 500;
const MAX_WAITING = 10_000;
const MAX_WAITING_BYTES = 16 << 20;
const FIRST_RETRY_MS = 100;
/** Callers wait for these sinks: they must not be left alone for long. */
const LONGEST_RETRY_MS = 2_000;
const CURSOR_INTERVAL_MS = 1_000;

/**
 * Sends records to a sink as soon as they are durable, straight from memory. What is not there any more, after a restart
 * or when the sink was away for long, is read from the journal.
 */
export class LiveSink {
  readonly #sink: RecordSink;
  readonly #source: LiveSinkSource;
  readonly #cursor: SinkCursor;
  readonly #stopping = new AbortController();
  /** Ends the wait after a failure. */
  #hurry = new AbortController();
  #waiting: CommittedLine[] = [];
  #waitingBytes = 0;
  /** Sequence of the next record that the sink has not taken; -1 until the cursor was read. */
  #next = -1;
  /** Sequence after the newest durable record that we know of. */
  #durable = 0;
  #kept = 0;
  #keptAt = Number.NEGATIVE_INFINITY;
  #wake: () => void = () => undefined;
  #running: Promise<void> | undefined;
  /** Told whenever the sink has taken records. */
  onProgress: () => void = () => undefined;

  constructor(sink: RecordSink, source: LiveSinkSource) {
    this.#sink = sink;
    this.#source = source;
    this.#cursor = new SinkCursor(source.directory, sink.name);
  }

  /** Whether the sink has a record. */
  has(sequence: number): boolean {
    return this.#next > sequence;
  }

  /** Takes what has become durable. */
  commit(lines: readonly CommittedLine[]): void {
    const last = lines.at(-1);
    if (last === undefined) return;
    this.#durable = last.sequence + 1;
    for (const line of lines) {
      this.#waiting.push(line);
      this.#waitingBytes += line.line.length;
    }
    if (this.#waiting.length > MAX_WAITING || this.#waitingBytes > MAX_WAITING_BYTES) this.#forgetWaiting();
    this.#running ??= this.#run();
    this.#wake();
  }

  /** Sends what there is, but not longer than this, and remembers how far it came. */
  async stop(waitMs: number): Promise<void> {
    const end = performance.now() + waitMs;
    this.#hurry.abort();
    this.#hurry = new AbortController();
    while (this.#next < this.#durable && performance.now() < end) await sleep(10, this.#stopping.signal);
    this.#stopping.abort();
    this.#wake();
    await this.#running;
    if (this.#next > this.#kept) await this.#cursor.write(this.#next).catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let delay = FIRST_RETRY_MS;
    while (!signal.aborted) {
      try {
        if (this.#next < 0) this.#next = this.#kept = await this.#cursor.read();
        if (this.#next < this.#durable) await this.#sendSome();
        else await this.#more();
        delay = FIRST_RETRY_MS;
      } catch {
        // Whoever waits for the sink is told when their patience ends.
        await sleep(delay * (0.5 + Math.random() / 2), AbortSignal.any([signal, this.#hurry.signal]));
        delay = Math.min(delay * 2, LONGEST_RETRY_MS);
      }
    }
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#stopping.signal.aborted) resolve();
    });
  }

  async #sendSome(): Promise<void> {
    const passed = this.#waiting.findIndex(({ sequence }) => sequence >= this.#next);
    const dropped = this.#waiting.splice(0, passed === -1 ? this.#waiting.length : passed);
    for (const { line } of dropped) this.#waitingBytes -= line.length;
    if (this.#waiting[0]?.sequence === this.#next) {
      const { origin } = this.#source;
      await this.#send(
        this.#waiting.slice(0, BATCH_RECORDS).map(({ sequence, leaf, line }) => {
          return { origin, sequence, leaf, line, record: acceptedRecord(Buffer.from(line)) };
        }),
      );
    } else await this.#catchUp();
  }

  async #catchUp(): Promise<void> {
    const { directory, trusted } = this.#source;
    let batch: JournalRecord[] = [];
    const range = { from: this.#next, until: this.#durable };
    for await (const record of journalRecords(directory, { trusted, ...range })) {
      if (this.#stopping.signal.aborted) return;
      if (batch.length === 0 && record.sequence !== this.#next)
        throw new AuditError(
          "AUDIT_NOT_FOUND",
          `records from ${this.#next} were pruned before they were sent`,
        );
      batch.push(record);
      if (batch.length < BATCH_RECORDS) continue;
      await this.#send(batch);
      batch = [];
    }
    if (batch.length > 0) await this.#send(batch);
  }

  async #send(batch: readonly JournalRecord[]): Promise<void> {
    const { timeoutMs } = this.#source;
    await sendBatch(this.#sink, batch, { timeoutMs, stopping: this.#stopping.signal });
    this.#next = (batch.at(-1) as JournalRecord).sequence + 1;
    this.onProgress();
    // A record that is sent twice after a crash does no harm; a sync for every batch would.
    if (performance.now() - this.#keptAt < CURSOR_INTERVAL_MS) return;
    this.#keptAt = performance.now();
    this.#kept = this.#next;
    await this.#cursor.write(this.#next);
  }

  #forgetWaiting(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
