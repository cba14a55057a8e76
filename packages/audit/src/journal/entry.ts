import type { AuditReceipt } from "@symbiont/kit";
import type { AuditError } from "../audit-error.ts";
import type { Waiting } from "./deadlines.ts";
import type { EncodedRecord } from "./encoded-record.ts";

/** When a record counts as kept. */
export type Durability =
  /** When it is durable on disk. */
  | "record"
  /** When it is durable as well, but a sync may wait for more records. */
  | "interval"
  /** When it was given to the system. */
  | "none";

/** What an entry is made of. */
export interface EntryParts {
  readonly encoded: EncodedRecord;
  /** When it was accepted, epoch milliseconds by the journal's clock. */
  readonly time: number;
  readonly durability: Durability;
  /** Monotonic milliseconds after which nobody waits any longer. Default never. */
  readonly deadline?: number;
  /** Stands for the sequence while there is none; see `AttemptTokens`. */
  readonly token?: number;
  /** Told when it is kept. Default nobody. */
  readonly done?: (receipt: AuditReceipt) => void;
  /** Told when it is not. Default nobody. */
  readonly failed?: (error: AuditError, entry: Entry) => void;
}

/** A record on its way into the journal. Each has the same members, and functions that are not made for it alone. */
export class Entry implements Waiting {
  readonly encoded: EncodedRecord;
  readonly durability: Durability;
  readonly deadline: number;
  readonly token: number | undefined;
  readonly done: ((receipt: AuditReceipt) => void) | undefined;
  readonly failed: ((error: AuditError, entry: Entry) => void) | undefined;
  /** When it was accepted; see {@link EntryParts.time}. */
  time: number;
  /** Set when the deadline passed: it is not written any more, or, when it is being written, marked afterwards. */
  expired = false;
  /** Set when its caller has had an answer. */
  settled = false;
  /** Its place, once it is written. */
  sequence = -1;

  constructor(parts: EntryParts) {
    this.encoded = parts.encoded;
    this.time = parts.time;
    this.durability = parts.durability;
    this.deadline = parts.deadline ?? Number.POSITIVE_INFINITY;
    this.token = parts.token;
    this.done = parts.done;
    this.failed = parts.failed;
  }

  /** Tells its caller, who may have stopped waiting, that it is kept. */
  keep(): void {
    this.settled = true;
    if (!this.expired) this.done?.({ sequence: this.sequence });
  }

  /** Tells its caller, who may have stopped waiting, that it is not kept. */
  refuse(error: AuditError): void {
    this.settled = true;
    if (!this.expired) this.failed?.(error, this);
  }
}

/** Tells everybody who waits for these records that they are not kept. */
export function refuseAll(entries: readonly Entry[], error: AuditError): void {
  for (const entry of entries) entry.refuse(error);
}
