import type { PrivateKey } from "@symbiont/keys";
import type { Clock } from "@symbiont/kit";

/** Timers take a longer time for none. */
const LONGEST_TIMER_MS = 2 ** 31;

/** How a journal is opened. */
export interface JournalOptions {
  /** The journal's name, fixed for its life: `<organisation>/<service>/audit/<instance>`. No space, no `+`. */
  readonly origin: string;
  /** Ed25519 key that signs checkpoints. Keep it away from the journal's folder. */
  readonly key: PrivateKey;
  /**
   * Puts each signed checkpoint somewhere else, so that a cut tail shows: another disk, another host, a log line.
   * Required, because without an anchor whoever can write the folder can rewrite history.
   */
  readonly anchor: (note: string) => void | Promise<void>;
  /** Longest time for the anchor, in milliseconds; after it the checkpoint counts as not kept. Default 10,000. */
  readonly anchorTimeoutMs?: number;
  /** Keys besides `key` that may have signed the journal's checkpoints, as `name+id+key`. Default none. */
  readonly trusted?: readonly string[];
  /** Checkpoints kept outside that the journal must agree with when it is opened. Default none. */
  readonly anchors?: readonly string[];
  /** Records after which a checkpoint is signed. Default 1,000. */
  readonly checkpointEvery?: number;
  /** Milliseconds after which new records are covered by a checkpoint. Default 10,000. */
  readonly checkpointIntervalMs?: number;
  /** Most records waiting to be written; more are refused. Default 10,000. */
  readonly maxQueued?: number;
  /** Default `Date`. */
  readonly clock?: Clock;
}

/** @throws TypeError or RangeError naming the option. */
export function checkJournalOptions({
  anchor,
  anchorTimeoutMs = 1,
  checkpointEvery = 1,
  checkpointIntervalMs = 1,
  maxQueued = 1,
}: JournalOptions): void {
  if (typeof anchor !== "function") throw new TypeError("anchor must be a function");
  for (const [name, value] of Object.entries({ checkpointEvery, checkpointIntervalMs, maxQueued })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} must be a positive integer, got ${value}`);
  }
  for (const [name, value] of Object.entries({ anchorTimeoutMs, checkpointIntervalMs })) {
    if (!(value >= 1 && value < LONGEST_TIMER_MS))
      throw new RangeError(`${name} must be a positive number of milliseconds, got ${value}`);
  }
}
