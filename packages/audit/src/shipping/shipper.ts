import { asAuditError } from "../as-audit-error.ts";
import { AuditError } from "../audit-error.ts";
import type { TrustedKey } from "../notes/trusted-key.ts";
import { type JournalRecord, journalRecords } from "../read/journal-records.ts";
import type { RecordSink } from "./record-sink.ts";
import { sendBatch, sleep } from "./send-batch.ts";
import { SinkCursor } from "./sink-cursor.ts";

/** What is sent, and where to. */
export interface ShipperOptions {
  /** The journal's folder. */
  readonly directory: string;
  /** Keys that may have signed the journal's checkpoints. */
  readonly trusted: readonly TrustedKey[];
  readonly sink: RecordSink;
  /** Most records in one batch. Default 500. */
  readonly batchRecords?: number;
  /** Milliseconds between looks for new checkpoints. Default 1,000. */
  readonly pollMs?: number;
  /** Milliseconds for one batch; after it the batch counts as not sent. Default 30,000. */
  readonly timeoutMs?: number;
  /** Milliseconds to wait after a failure, doubled each time up to a minute, less up to a half. Default 1,000. */
  readonly retryMs?: number;
  /** Told of each failure; the cursor waits. Default nobody. */
  readonly onError?: (error: AuditError) => void;
}

const LONGEST_RETRY_MS = 60_000;

/**
 * Sends the records of a journal to a sink: what a signed checkpoint covers, in order, each at least once. A small
 * file beside the journal remembers how far it is. One batch is in memory at a time.
 */
export class Shipper {
  readonly #options: ShipperOptions;
  readonly #cursor: SinkCursor;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;

  /** @throws RangeError naming the option. */
  constructor(options: ShipperOptions) {
    this.#cursor = new SinkCursor(options.directory, options.sink.name);
    for (const name of ["batchRecords", "pollMs", "timeoutMs", "retryMs"] as const) {
      const value = options[name] ?? 1;
      if (!Number.isSafeInteger(value) || value < 1)
        throw new RangeError(`${name} must be a positive integer, got ${value}`);
    }
    this.#options = options;
  }

  /**
   * Sends what there is now, and returns how many records that were.
   * @throws AuditError as `journalRecords`; `AUDIT_UNAVAILABLE` when the sink does not take them.
   */
  async shipOnce(): Promise<number> {
    const { directory, trusted, batchRecords = 500 } = this.#options;
    let batch: JournalRecord[] = [];
    let shipped = 0;
    const from = await this.#cursor.read();
    for await (const record of journalRecords(directory, { trusted, from })) {
      if (batch.length === 0 && shipped === 0 && record.sequence !== from)
        throw new AuditError("AUDIT_NOT_FOUND", `records from ${from} were pruned before they were sent`);
      batch.push(record);
      if (batch.length < batchRecords) continue;
      shipped += await this.#send(batch);
      batch = [];
    }
    return shipped + (batch.length > 0 ? await this.#send(batch) : 0);
  }

  /** Sends what comes until it is stopped. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Stops after the batch being sent, which may be sent again the next time. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#running = undefined;
    this.#stopping = new AbortController();
  }

  async #run(): Promise<void> {
    const { pollMs = 1_000, retryMs = 1_000 } = this.#options;
    const { signal } = this.#stopping;
    let delay = retryMs;
    while (!signal.aborted) {
      try {
        await this.shipOnce();
        delay = retryMs;
        await sleep(pollMs, signal);
      } catch (error) {
        if (!signal.aborted) this.#tell(error);
        // Not all shippers of a fleet come back at the same moment.
        await sleep(delay * (0.5 + Math.random() / 2), signal);
        delay = Math.min(delay * 2, LONGEST_RETRY_MS);
      }
    }
  }

  #tell(error: unknown): void {
    try {
      this.#options.onError?.(asAuditError(error));
    } catch {
      // A listener that throws must not stop what it listens to.
    }
  }

  async #send(batch: readonly JournalRecord[]): Promise<number> {
    const { sink, timeoutMs = 30_000 } = this.#options;
    await sendBatch(sink, batch, { timeoutMs, stopping: this.#stopping.signal });
    await this.#cursor.write((batch.at(-1) as JournalRecord).sequence + 1);
    return batch.length;
  }
}
