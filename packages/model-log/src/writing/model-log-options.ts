import type { FileSystem } from "@symbiont/filestore";
import type { AuditSink, Clock, Redactor } from "@symbiont/kit";
import type { LogKeys } from "../keys/log-keys.ts";
import { HIDEABLE, type HideableMeta } from "../record-meta.ts";
import { checkRetention, type RetentionOptions } from "../retention/prune-segments.ts";

/** How a model log is opened. */
export interface ModelLogOptions {
  /** Where the keys of segments come from. */
  readonly keys: LogKeys;
  /** Takes secrets out of every body before it is sealed; `"none"` must be written out. */
  readonly redactor: Redactor | "none";
  /** `"none"` keeps what is said in the clear only. Default `"encrypted"`. */
  readonly content?: "encrypted" | "none";
  /**
   * What happens to a call that cannot be logged: `"strict"` rejects, so that the call can be refused; `"permissive"`
   * goes on and counts. Default `"strict"`.
   */
  readonly failureMode?: "strict" | "permissive";
  /**
   * Milliseconds within which a strict record must be durable, or its caller is told that it is not: a record that was
   * being written then may still get into the log, as one whose call was not made. Closing waits as long. Default 5,000.
   */
  readonly deadlineMs?: number;
  /** Most bytes of one body; a longer one is kept with its middle cut out. Default 1 MiB. */
  readonly maxEntryBytes?: number;
  /** Most records and bytes waiting to be written. Strict callers wait; permissive records are dropped and counted. Default 1,000 and 16 MiB. */
  readonly maxQueued?: number;
  readonly maxQueuedBytes?: number;
  /** Size in bytes and age in milliseconds at which a segment is sealed; also at midnight UTC. Default 64 MiB and a day. */
  readonly maxSegmentBytes?: number;
  readonly maxSegmentMs?: number;
  /** Members of the meta data that are sealed with the body instead of standing in the clear. Default none. */
  readonly hideMeta?: readonly HideableMeta[];
  /** Deletes what is old when the log is opened, when a segment is sealed, and every day. Default by hand: see `prune`. */
  readonly retention?: RetentionOptions;
  /** Told when that failed; it is tried again the next time. Default nobody. */
  readonly onPruneError?: (error: Error) => void;
  /** Told of sealed and deleted segments: without it nobody notices when a whole segment is gone. Default nobody. */
  readonly audit?: AuditSink;
  /** Told of what could not be logged in permissive mode. Default nobody. */
  readonly onLoss?: (error: Error) => void;
  /** Default `Date`. */
  readonly clock?: Clock;
  /** Default the machine's own. */
  readonly fileSystem?: FileSystem;
}

/** Every option given, or its default. */
export type ModelLogSettings = Required<Omit<ModelLogOptions, Undefaulted>> &
  Pick<ModelLogOptions, Undefaulted>;

type Undefaulted = "audit" | "onLoss" | "fileSystem" | "retention" | "onPruneError";

/** Timers take a longer time for none. */
const LONGEST_TIMER_MS = 2 ** 31;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** Fills in defaults. @throws TypeError or RangeError naming the option. */
export function modelLogSettings(options: ModelLogOptions): ModelLogSettings {
  const settings: ModelLogSettings = {
    content: "encrypted",
    failureMode: "strict",
    deadlineMs: 5_000,
    maxEntryBytes: 1 << 20,
    maxQueued: 1_000,
    maxQueuedBytes: 16 << 20,
    maxSegmentBytes: 64 << 20,
    maxSegmentMs: DAY_MS,
    hideMeta: [],
    clock: Date,
    ...options,
  };
  const { redactor, keys, content, failureMode } = settings;
  if (redactor !== "none" && typeof redactor?.redact !== "function")
    throw new TypeError('redactor must have a redact function, or be "none"');
  if (!["wrapped", "vaulted", "passphrase"].includes(keys?.kind))
    throw new TypeError('keys must be "wrapped", "vaulted" or made by passphraseKeys');
  for (const name of settings.hideMeta)
    if (!HIDEABLE.has(name)) throw new RangeError(`hideMeta must name ${[...HIDEABLE].join(", ")} only`);
  if (settings.retention !== undefined) checkRetention(settings.retention);
  if (content !== "encrypted" && content !== "none")
    throw new TypeError('content must be "encrypted" or "none"');
  if (failureMode !== "strict" && failureMode !== "permissive")
    throw new TypeError('failureMode must be "strict" or "permissive"');
  const { maxEntryBytes, maxQueued, maxQueuedBytes, maxSegmentBytes, maxSegmentMs } = settings;
  for (const [name, value] of Object.entries({
    maxEntryBytes,
    maxQueued,
    maxQueuedBytes,
    maxSegmentBytes,
    maxSegmentMs,
  })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} must be a positive integer, got ${value}`);
  }
  const { deadlineMs } = settings;
  if (!(deadlineMs >= 1 && deadlineMs < LONGEST_TIMER_MS))
    throw new RangeError(`deadlineMs must be a positive number of milliseconds, got ${deadlineMs}`);
  if (maxEntryBytes < 256 || maxEntryBytes > 16 << 20)
    throw new RangeError(`maxEntryBytes must be from 256 to ${16 << 20}, got ${maxEntryBytes}`);
  return settings;
}
