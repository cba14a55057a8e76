import type { AuditError } from "../audit-error.ts";
import type { EncodedRecord } from "./encoded-record.ts";

/** When a record counts as kept. */
export type Durability =
  /** When it is durable on disk. */
  | "record"
  /** When it is durable as well, but a sync may wait for more records. */
  | "interval"
  /** When it was given to the system. */
  | "none";

/** A record on its way into the journal. */
export interface Entry {
  readonly encoded: EncodedRecord;
  /** When it was accepted, epoch milliseconds by the journal's clock. */
  readonly time: number;
  readonly durability: Durability;
  /** Monotonic milliseconds after which nobody waits any longer; `Infinity` for never. */
  readonly deadline: number;
  /** Stands for the sequence while there is none; see `AttemptTokens`. */
  readonly token?: number;
  /** Set when the deadline passed: it is not written any more, or, when it is being written, marked afterwards. */
  expired?: boolean;
  /** Set when its caller has had an answer. */
  settled?: boolean;
  /** Its place, once it is written. */
  sequence?: number;
  readonly done: (sequence: number) => void;
  readonly failed: (error: AuditError) => void;
}
