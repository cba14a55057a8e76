import type { AppendFile } from "@symbiont/filestore";
import type { CompactRange, SubtreeListener } from "../merkle/compact-range.ts";
import type { CommittedLine } from "../shipping/live-sink.ts";
import type { ChainState } from "../verify/chain-state.ts";
import type { AttemptTokens } from "./attempt-tokens.ts";
import { recordLine } from "./encoded-record.ts";
import type { Entry } from "./entry.ts";
import { LineBuffer } from "./line-buffer.ts";

/** The end of a chain, which the next record follows. */
export interface ChainEnd {
  /** Hex leaf hash of the newest record, or the genesis hash. */
  readonly head: string;
  /** Time of the newest record, epoch milliseconds. */
  readonly time: number;
  readonly range: CompactRange;
  /** Sequences of attempts whose outcome has not come. */
  readonly openAttempts: Set<number>;
}

/** Puts records into their places in the chain and into a segment. */
export class ChainWriter {
  readonly #tokens: AttemptTokens;
  readonly #listener: SubtreeListener | undefined;
  readonly #buffer = new LineBuffer();
  readonly #range: CompactRange;
  readonly #openAttempts: Set<number>;
  #segment: AppendFile;
  #head: string;
  #time: number;
  #timeText = "";
  /** Leaf hashes of what is written and not durable yet, and its lines when somebody wants them. */
  #leaves: string[] = [];
  #lines: CommittedLine[] = [];
  readonly #keepsLines: boolean;
  #written: number;
  #durable: number;
  #syncing = false;

  constructor(
    end: ChainEnd,
    segment: AppendFile,
    more: { tokens: AttemptTokens; listener?: SubtreeListener; keepsLines?: boolean },
  ) {
    this.#segment = segment;
    this.#head = end.head;
    this.#time = end.time;
    this.#range = end.range;
    this.#openAttempts = end.openAttempts;
    this.#written = end.range.size;
    this.#durable = end.range.size;
    this.#tokens = more.tokens;
    this.#listener = more.listener;
    this.#keepsLines = more.keepsLines ?? false;
  }

  /** Records that are durable. */
  get size(): number {
    return this.#durable;
  }

  /** Records that are written, durable or not. */
  get written(): number {
    return this.#written;
  }

  get segment(): AppendFile {
    return this.#segment;
  }

  /** Hex leaf hash and time of the newest record, and the tree; only between syncs, when everything is durable. */
  get end(): ChainEnd | undefined {
    if (this.#syncing || this.#durable !== this.#written) return undefined;
    return { head: this.#head, time: this.#time, range: this.#range, openAttempts: this.#openAttempts };
  }

  /** The chain's state. Everything must be durable. */
  state(): ChainState {
    const { size, roots } = this.#range;
    const time = size === 0 ? "" : new Date(this.#time).toISOString();
    return { size, head: this.#head, time, roots, openAttempts: [...this.#openAttempts] };
  }

  /** Goes on in another segment. Everything must be durable. */
  moveTo(segment: AppendFile): void {
    this.#segment = segment;
  }

  /**
   * Writes a batch into the system's cache, in order, and sets the sequence of each.
   * @throws FilestoreError; nothing was written then, or the segment is dead.
   */
  write(batch: readonly Entry[]): void {
    const before = { head: this.#head, time: this.#time, written: this.#written };
    const leaves: string[] = [];
    const lines: CommittedLine[] = [];
    for (const entry of batch) leaves.push(this.#add(entry, lines));
    try {
      this.#segment.append([this.#buffer.take()]);
    } catch (error) {
      this.#head = before.head;
      this.#time = before.time;
      this.#written = before.written;
      this.#timeText = "";
      throw error;
    }
    for (const leaf of leaves) this.#leaves.push(leaf);
    for (const line of lines) this.#lines.push(line);
    for (const { encoded, sequence } of batch) this.#follow(encoded.outcome, sequence, encoded.attempt);
  }

  /** Makes what is written durable, and returns the leaf hashes and lines of it. @throws FilestoreError */
  async sync(): Promise<{ readonly leaves: readonly string[]; readonly lines: readonly CommittedLine[] }> {
    const leaves = this.#leaves;
    const lines = this.#lines;
    const written = this.#written;
    this.#leaves = [];
    this.#lines = [];
    this.#syncing = true;
    const durable = this.#segment.sync();
    // While the disk works, the tree grows: nobody looks at it before the sync is over.
    for (const leaf of leaves) this.#range.appendHex(leaf, this.#listener);
    await durable;
    this.#durable = written;
    this.#syncing = false;
    return { leaves, lines };
  }

  /** The blocking form of {@link ChainWriter.sync}, after which nothing more can be written. @throws FilestoreError */
  syncNow(): void {
    this.#segment.syncNow();
  }

  #follow(outcome: string, sequence: number | undefined, attempt: number | undefined): void {
    if (outcome === "attempt" && sequence !== undefined) this.#openAttempts.add(sequence);
    else if (attempt !== undefined) this.#openAttempts.delete(this.#tokens.resolve(attempt) ?? -1);
  }

  #add(entry: Entry, lines: CommittedLine[]): string {
    const clamped = entry.time < this.#time;
    if (entry.time > this.#time || this.#timeText === "") {
      this.#time = Math.max(entry.time, this.#time);
      this.#timeText = new Date(this.#time).toISOString();
    }
    const sequence = this.#written;
    entry.sequence = sequence;
    if (entry.token !== undefined) this.#tokens.bind(entry.token, sequence);
    const line = recordLine(entry.encoded, {
      sequence,
      time: this.#timeText,
      clamped,
      previous: this.#head,
      attempt: this.#tokens.resolve(entry.encoded.attempt),
    });
    this.#head = this.#buffer.add(line);
    if (this.#keepsLines) lines.push({ sequence, leaf: this.#head, line });
    this.#written += 1;
    return this.#head;
  }
}
