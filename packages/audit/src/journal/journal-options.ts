import type { FileSystem } from "@symbiont/filestore";
import type { PrivateKey } from "@symbiont/keys";
import type { Clock } from "@symbiont/kit";
import type { Anchor } from "../anchors/anchor.ts";
import type { TrustedKey } from "../notes/trusted-key.ts";

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
   * Required, because without an anchor whoever can write the folder can rewrite history. An anchor that can read its
   * newest checkpoint back is asked when the journal is opened. See `fileAnchor`, `webhookAnchor`, `witnessAnchor`.
   */
  readonly anchor: Anchor;
  /** Longest time for the anchor, in milliseconds; after it the checkpoint counts as not kept. Default 10,000. */
  readonly anchorTimeoutMs?: number;
  /** Keys besides `key` that may have signed the journal's checkpoints, earlier ones for example. Default none. */
  readonly trusted?: readonly TrustedKey[];
  /** Checkpoints kept outside that the journal must agree with when it is opened. Default none. */
  readonly anchors?: readonly string[];
  /** Records after which a checkpoint is signed, but at most ten times a second. Default 1,000. */
  readonly checkpointEvery?: number;
  /** Milliseconds after which new records are covered by a checkpoint. Default 10,000. */
  readonly checkpointIntervalMs?: number;
  /**
   * `"batch"` signs a checkpoint over every batch before its callers are told that it is kept: nothing that was
   * acknowledged is ever unsigned, for some four more syncs a batch. Anchors are told as often as with `"interval"`, which
   * signs after so many records or so long. Default `"interval"`.
   */
  readonly seal?: "interval" | "batch";
  /** Milliseconds within which a record must be durable, or its caller is told that it is not. Default 5,000. */
  readonly deadlineMs?: number;
  /** Most records encoded and waiting to be written; further callers wait for room. Default 10,000. */
  readonly maxQueued?: number;
  /** Most bytes of such records. Default 16 MiB. */
  readonly maxQueuedBytes?: number;
  /** Size in bytes at which a segment is closed and the next begins. Default 64 MiB. */
  readonly maxSegmentBytes?: number;
  /** Age in milliseconds at which a segment is closed and the next begins. Default one day. */
  readonly maxSegmentMs?: number;
  /** Compress closed segments with gzip as they are closed; see `compress` for those there are. Default false. */
  readonly compressSegments?: boolean;
  /**
   * Bytes kept in a file that is given up when the disk is full, so that outcomes still fit. 0 for none.
   * Default 1 MiB.
   */
  readonly reserveBytes?: number;
  /** Sign every record besides the checkpoints, at some 50 µs each. Default false. */
  readonly signEntries?: boolean;
  /**
   * Allow a folder on a network file system, where nobody knows what a sync and a lock are worth. Refused in production.
   * Default false.
   */
  readonly allowNetworkFileSystem?: boolean;
  /**
   * Take over a journal whose own newest checkpoint is gone or older than it records: everything is read, `anchors` and the anchor must agree, and
   * it is on record. A tail that was cut off together with the checkpoint and the list of checkpoints cannot be noticed.
   * Default false.
   */
  readonly adopt?: boolean;
  /** Default `Date`. */
  readonly clock?: Clock;
  /** Default the machine's own. */
  readonly fileSystem?: FileSystem;
}

/** Every option given, or its default. */
export type JournalSettings = Required<Omit<JournalOptions, "fileSystem">> &
  Pick<JournalOptions, "fileSystem">;

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Fills in defaults. @throws TypeError or RangeError naming the option. */
export function journalSettings(options: JournalOptions): JournalSettings {
  const settings: JournalSettings = {
    anchorTimeoutMs: 10_000,
    trusted: [],
    anchors: [],
    checkpointEvery: 1_000,
    checkpointIntervalMs: 10_000,
    seal: "interval",
    deadlineMs: 5_000,
    maxQueued: 10_000,
    maxQueuedBytes: 16 << 20,
    maxSegmentBytes: 64 << 20,
    maxSegmentMs: DAY_MS,
    compressSegments: false,
    reserveBytes: 1 << 20,
    signEntries: false,
    allowNetworkFileSystem: false,
    adopt: false,
    clock: Date,
    ...options,
  };
  const { anchor } = settings;
  if (typeof anchor !== "function" && typeof anchor?.keep !== "function")
    throw new TypeError("anchor must be a function, or an object with a keep function");
  if (settings.seal !== "interval" && settings.seal !== "batch")
    throw new TypeError('seal must be "interval" or "batch"');
  const { checkpointEvery, maxQueued, maxQueuedBytes, maxSegmentBytes } = settings;
  for (const [name, value] of Object.entries({
    checkpointEvery,
    maxQueued,
    maxQueuedBytes,
    maxSegmentBytes,
  })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} must be a positive integer, got ${value}`);
  }
  const { anchorTimeoutMs, checkpointIntervalMs, deadlineMs, maxSegmentMs, reserveBytes } = settings;
  for (const [name, value] of Object.entries({
    anchorTimeoutMs,
    checkpointIntervalMs,
    deadlineMs,
    maxSegmentMs,
  })) {
    if (!(value >= 1 && value < LONGEST_TIMER_MS))
      throw new RangeError(`${name} must be a positive number of milliseconds, got ${value}`);
  }
  if (!Number.isSafeInteger(reserveBytes) || reserveBytes < 0)
    throw new RangeError(`reserveBytes must be an integer from 0, got ${reserveBytes}`);
  return settings;
}
