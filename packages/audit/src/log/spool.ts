import type { Entry } from "../journal/entry.ts";
import { Fifo } from "../journal/fifo.ts";

/** How much a spool holds. */
export interface SpoolLimits {
  readonly maxSpooled: number;
  readonly maxSpooledBytes: number;
}

/** What did not fit. */
export interface Loss {
  /** Records lost, by type. */
  readonly counts: Readonly<Record<string, number>>;
  readonly firstTs: string;
  readonly lastTs: string;
}

const MAX_TYPES = 200;

interface Spooled {
  readonly order: number;
  readonly entry: Entry;
}

/**
 * Records that wait in memory until the journal takes them. When it is full the oldest record that only informs is
 * given up first, then the oldest of all; what was given up is counted.
 */
export class Spool {
  readonly #limits: SpoolLimits;
  readonly #informing = new Fifo<Spooled>();
  readonly #others = new Fifo<Spooled>();
  #order = 0;
  #bytes = 0;
  #lost = new Map<string, number>();
  #firstLost = "";
  #lastLost = "";

  constructor(limits: SpoolLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#informing.length + this.#others.length;
  }

  /** Whether something was given up that {@link Spool.takeLoss} has not told yet. */
  get hasLoss(): boolean {
    return this.#lost.size > 0;
  }

  push(entry: Entry): void {
    const queue = entry.encoded.outcome === "info" ? this.#informing : this.#others;
    queue.push({ order: this.#order, entry });
    this.#order += 1;
    this.#bytes += entry.encoded.bytes;
    while (this.length > this.#limits.maxSpooled || this.#bytes > this.#limits.maxSpooledBytes)
      this.#giveUp();
  }

  /** Takes the oldest record out. */
  shift(): Entry | undefined {
    const informing = this.#informing.first;
    const other = this.#others.first;
    const older = other === undefined || (informing !== undefined && informing.order < other.order);
    return this.#take(older ? this.#informing : this.#others);
  }

  /** What was lost since it was asked last. */
  takeLoss(): Loss | undefined {
    if (this.#lost.size === 0) return undefined;
    const loss = {
      counts: Object.fromEntries([...this.#lost].sort(([a], [b]) => (a < b ? -1 : 1))),
      firstTs: this.#firstLost,
      lastTs: this.#lastLost,
    };
    this.#lost = new Map();
    return loss;
  }

  /** Counts what was lost; also what {@link Spool.takeLoss} told and nobody could record. */
  addLoss({ counts, firstTs, lastTs }: Loss): void {
    const none = this.#lost.size === 0;
    if (none || firstTs < this.#firstLost) this.#firstLost = firstTs;
    if (none || lastTs > this.#lastLost) this.#lastLost = lastTs;
    for (const [type, count] of Object.entries(counts)) {
      // What is told must fit into a record, however many types there are, and be a name that a record may have.
      const named = type !== "__proto__" && (this.#lost.has(type) || this.#lost.size < MAX_TYPES);
      const name = named ? type : "other";
      this.#lost.set(name, (this.#lost.get(name) ?? 0) + count);
    }
  }

  #giveUp(): void {
    const entry = this.#take(this.#informing.length > 0 ? this.#informing : this.#others);
    if (entry === undefined) return;
    const time = new Date(entry.time).toISOString();
    this.addLoss({ counts: { [entry.encoded.type]: 1 }, firstTs: time, lastTs: time });
  }

  #take(queue: Fifo<Spooled>): Entry | undefined {
    const entry = queue.shift()?.entry;
    if (entry !== undefined) this.#bytes -= entry.encoded.bytes;
    return entry;
  }
}
