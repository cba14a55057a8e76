import { asModelLogError } from "../as-model-log-error.ts";
import { ModelLogError } from "../model-log-error.ts";
import { type PendingRecord, SegmentFile } from "../segments/segment-file.ts";
import type { ModelLogSettings } from "./model-log-options.ts";
import { type Caller, Patience } from "./patience.ts";

const MAX_BATCH = 100;
/** So few that sealing them takes no longer than a sync. */
const WHOLE_BATCH = 32;
const DAY_MS = 24 * 60 * 60 * 1_000;

interface Waiting extends Caller {
  readonly record: PendingRecord;
  readonly resolve: () => void;
}

/** A batch that was written and is not durable yet. */
interface Written {
  readonly segment: SegmentFile;
  /** Losses that it tells of. */
  readonly dropped: number;
}

/**
 * Writes records in batches, one sync each, into segments that it begins and seals. A segment whose write or sync
 * failed is left as it is, and the next record begins another.
 */
export class RecordQueue {
  readonly #directory: string;
  readonly #settings: ModelLogSettings;
  readonly #sealed: (segment: SegmentFile) => Promise<void>;
  #waiting: Waiting[] = [];
  #bytes = 0;
  /** Callers for whose record there is no room yet. */
  #blocked: Waiting[] = [];
  readonly #patience = new Patience(() => this.#forgetExpired());
  #segment: SegmentFile | undefined;
  #segmentDay = 0;
  #segmentOpened = 0;
  #running: Promise<void> | undefined;
  #dropped = 0;
  /** Losses that are being told. */
  #telling = 0;

  constructor(
    directory: string,
    settings: ModelLogSettings,
    sealed: (segment: SegmentFile) => Promise<void>,
  ) {
    this.#directory = directory;
    this.#settings = settings;
    this.#sealed = sealed;
  }

  /** Records dropped since the last one that says so. */
  get dropped(): number {
    return this.#dropped + this.#telling;
  }

  /** File name of the segment being written. */
  get current(): string | undefined {
    return this.#segment?.name;
  }

  /**
   * Resolves when the record is durable.
   * @param deadline monotonic milliseconds. A record that is being written when it passes may still become durable.
   * @throws ModelLogError `MODEL_LOG_UNAVAILABLE`
   */
  async append(record: PendingRecord, deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { record, deadline, resolve, reject };
      if (this.#blocked.length === 0 && this.#hasRoom()) this.#push(waiting);
      else this.#blocked.push(waiting);
      this.#patience.add(waiting);
    });
  }

  /** Takes a record without waiting, or counts it as dropped. Resolves when it is known what became of it. */
  async offer(record: PendingRecord): Promise<void> {
    if (!this.#hasRoom()) {
      this.#dropped += 1;
      throw new ModelLogError("MODEL_LOG_UNAVAILABLE", "too many records are waiting", { retryable: true });
    }
    try {
      await new Promise<void>((resolve, reject) => {
        this.#push({ record, deadline: Infinity, resolve, reject });
      });
    } catch (error) {
      this.#dropped += 1;
      throw error;
    }
  }

  /** Waits for what is being written, and seals the segment. @throws ModelLogError `MODEL_LOG_UNAVAILABLE` */
  async seal(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    const segment = this.#segment;
    this.#segment = undefined;
    if (segment === undefined) return;
    try {
      if (this.#dropped > 0) segment.append([this.#lossRecord(this.#dropped)]);
      await sealOrClose(segment, this.#settings.clock.now());
      this.#dropped = 0;
    } catch (error) {
      throw asModelLogError(error);
    }
    await this.#sealed(segment);
  }

  #push(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#bytes += waiting.record.body.length;
    this.#running ??= this.#run();
  }

  /** Lets in who waits for room, in the order in which they came. */
  #admit(): void {
    let admitted = 0;
    while (admitted < this.#blocked.length && this.#hasRoom()) {
      this.#push(this.#blocked[admitted] as Waiting);
      admitted += 1;
    }
    if (admitted > 0) this.#blocked.splice(0, admitted);
  }

  /** Records whose callers gave up are not written any more: those who come later shall have their room. */
  #forgetExpired(): void {
    this.#waiting = this.#waiting.filter(({ expired, record }) => {
      if (expired === true) this.#bytes -= record.body.length;
      return expired !== true;
    });
    this.#blocked = this.#blocked.filter(({ expired }) => expired !== true);
    this.#admit();
  }

  #hasRoom(): boolean {
    return this.#waiting.length < this.#settings.maxQueued && this.#bytes < this.#settings.maxQueuedBytes;
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    let syncing: Promise<void> = Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      // While the disk works on the batch before, this one is sealed and written.
      const written = await this.#write(batch);
      await syncing;
      syncing = written === undefined ? Promise.resolve() : this.#sync(written, batch);
      this.#admit();
      if (this.#waiting.length === 0) await syncing;
    }
    this.#running = undefined;
  }

  /** When many wait, half of them: the others are sealed while the first are synced. */
  #takeBatch(): readonly Waiting[] {
    const waiting = this.#waiting.length;
    const batch = this.#waiting.splice(
      0,
      waiting <= WHOLE_BATCH ? waiting : Math.min(MAX_BATCH, waiting >> 1),
    );
    for (const { record } of batch) this.#bytes -= record.body.length;
    return batch;
  }

  /** Gives records to the system, or tells their callers that it could not. */
  async #write(batch: readonly Waiting[]): Promise<Written | undefined> {
    let segment: SegmentFile | undefined;
    const dropped = this.#dropped;
    try {
      segment = await this.#openSegment();
      const records = batch.map(({ record }) => record);
      segment.append(dropped > 0 ? [this.#lossRecord(dropped), ...records] : records);
    } catch (error) {
      if (segment !== undefined) await this.#abandon(segment);
      rejectAll(batch, error);
      return undefined;
    }
    this.#dropped -= dropped;
    this.#telling += dropped;
    return { segment, dropped };
  }

  /** Makes a batch durable and tells its callers. Never rejects. */
  async #sync({ segment, dropped }: Written, batch: readonly Waiting[]): Promise<void> {
    try {
      await segment.sync();
      for (const waiting of batch) {
        waiting.settled = true;
        if (waiting.expired === true) this.#tellLate(waiting.record);
        else waiting.resolve();
      }
    } catch (error) {
      this.#dropped += dropped;
      await this.#abandon(segment);
      rejectAll(batch, error);
    } finally {
      this.#telling -= dropped;
    }
  }

  /** Whoever reads the log must know that the caller was told otherwise. */
  #tellLate({ meta: { t, id, agent, kind, model } }: PendingRecord): void {
    if (t !== "req" && t !== "res" && t !== "full") return;
    const ts = new Date(this.#settings.clock.now()).toISOString();
    const call = { ...(agent && { agent }), ...(kind && { kind }), ...(model && { model }) };
    const meta = { t: "late", ts, ...(id && { id }), of: t, ...call } as const;
    this.#push({
      record: { meta, body: new Uint8Array(0) },
      deadline: Infinity,
      resolve: nobody,
      reject: nobody,
    });
  }

  /** A segment that failed is left as it is. */
  async #abandon(segment: SegmentFile): Promise<void> {
    if (this.#segment === segment) this.#segment = undefined;
    await segment.close().catch(() => undefined);
  }

  async #openSegment(): Promise<SegmentFile> {
    const { clock, keys, fileSystem, maxSegmentBytes, maxSegmentMs } = this.#settings;
    const nowMs = clock.now();
    const day = Math.floor(nowMs / DAY_MS);
    const segment = this.#segment;
    if (segment !== undefined) {
      const old = day !== this.#segmentDay || performance.now() - this.#segmentOpened >= maxSegmentMs;
      if (!old && segment.bytes < maxSegmentBytes) return segment;
      this.#segment = undefined;
      await sealOrClose(segment, nowMs);
      await this.#sealed(segment);
    }
    const more = fileSystem === undefined ? {} : { fileSystem };
    const next = await SegmentFile.create(this.#directory, keys, { nowMs, ...more });
    this.#segment = next;
    this.#segmentDay = day;
    this.#segmentOpened = performance.now();
    return next;
  }

  #lossRecord(dropped: number): PendingRecord {
    const ts = new Date(this.#settings.clock.now()).toISOString();
    return { meta: { t: "drop", ts, dropped }, body: new Uint8Array(0) };
  }
}

function nobody(): void {}

function rejectAll(batch: readonly Waiting[], error: unknown): void {
  const failure = asModelLogError(error);
  for (const waiting of batch) {
    waiting.settled = true;
    waiting.reject(failure);
  }
}

/** A segment that cannot be sealed is left as a crash would leave it. */
async function sealOrClose(segment: SegmentFile, nowMs: number): Promise<void> {
  try {
    await segment.seal(nowMs);
  } catch (error) {
    await segment.close().catch(() => undefined);
    throw error;
  }
}
