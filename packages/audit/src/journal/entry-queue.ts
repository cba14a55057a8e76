import type { AuditError } from "../audit-error.ts";
import type { Deadlines, Waiting } from "./deadlines.ts";
import type { Entry } from "./entry.ts";
import { Fifo } from "./fifo.ts";

const MAX_BATCH_RECORDS = 512;
const MAX_BATCH_BYTES = 1 << 20;

interface Blocked extends Waiting {
  readonly go: () => void;
}

/** Records that wait to be written, and callers that wait until there is room for theirs. */
export class EntryQueue {
  readonly #limits: { readonly maxQueued: number; readonly maxQueuedBytes: number };
  readonly #deadlines: Deadlines;
  readonly #entries = new Fifo<Entry>();
  readonly #blocked = new Fifo<Blocked>();
  #bytes = 0;

  constructor(limits: { readonly maxQueued: number; readonly maxQueuedBytes: number }, deadlines: Deadlines) {
    this.#limits = limits;
    this.#deadlines = deadlines;
  }

  get length(): number {
    return this.#entries.length;
  }

  get hasRoom(): boolean {
    return this.#blocked.length === 0 && this.#fits();
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
    this.#bytes += entry.encoded.bytes;
  }

  /** Resolves when it is this caller's turn, who must then push. */
  async whenRoom(deadline: number): Promise<void> {
    if (this.hasRoom) return;
    await new Promise<void>((resolve, reject) => {
      const blocked: Blocked = {
        deadline,
        expired: false,
        settled: false,
        go: resolve,
        refuse: (error) => {
          blocked.settled = true;
          reject(error);
        },
      };
      this.#blocked.push(blocked);
      this.#deadlines.add(blocked);
    });
  }

  /** The next records to write, without those that nobody waits for any more. */
  takeBatch(): Entry[] {
    const batch: Entry[] = [];
    let bytes = 0;
    while (batch.length < MAX_BATCH_RECORDS && bytes < MAX_BATCH_BYTES) {
      const entry = this.#entries.shift();
      if (entry === undefined) break;
      this.#bytes -= entry.encoded.bytes;
      if (entry.expired) continue;
      bytes += entry.encoded.bytes;
      batch.push(entry);
    }
    this.#admit();
    return batch;
  }

  takeAll(): Entry[] {
    const all: Entry[] = [];
    for (let entry = this.#entries.shift(); entry !== undefined; entry = this.#entries.shift())
      all.push(entry);
    this.#bytes = 0;
    return all;
  }

  /** Turns everybody away who waits for room. */
  refuse(error: AuditError): void {
    for (let next = this.#blocked.shift(); next !== undefined; next = this.#blocked.shift())
      next.refuse(error);
  }

  #admit(): void {
    let room = this.#fits() ? this.#limits.maxQueued - this.#entries.length : 0;
    while (room > 0) {
      const next = this.#blocked.shift();
      if (next === undefined) break;
      if (next.expired) continue;
      next.settled = true;
      room -= 1;
      next.go();
    }
  }

  #fits(): boolean {
    return this.#entries.length < this.#limits.maxQueued && this.#bytes < this.#limits.maxQueuedBytes;
  }
}
