import {
  type BigIntStats,
  closeSync,
  constants,
  openSync,
  readFileSync,
  readlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { decodeUtf8, parseJson } from "@symbiont/kit";
import { readPrivateFile } from "../../read-private-file.ts";
import { errnoOf } from "../io-error.ts";

// A lock directory must stay empty, so the note on who holds it lies beside it. The note is bound to one
// instance of the directory (inode and birth time) and to one process (host boot, process namespace, id and
// start time): a note that is missing, old, half written or from elsewhere proves nothing, and then the
// heartbeat alone decides.

const MAX_RECORD_BYTES = 512;

/** This process, once it was asked for; null where it cannot be told. */
let self: ProcessIdentity | null | undefined;

interface ProcessIdentity {
  /** The space in which a process id means one process: this boot of this kernel, this pid namespace. */
  readonly host: string;
  readonly pid: number;
  readonly started: string;
}

/** Notes beside a lock directory that this process holds it. Best effort: the note only speeds recovery up. */
export function writeOwnerRecord(lockPath: string, lock: BigIntStats): void {
  const holder = thisProcess();
  if (holder === null) return;
  const record = JSON.stringify({ ...instanceOf(lock), ...holder });
  try {
    const descriptor = createNote(recordPath(lockPath));
    try {
      writeSync(descriptor, record);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Somebody else's file is in the way: recovery then waits for the heartbeat to go stale.
  }
}

/**
 * Always a file of its own. What lies there may be the note of a holder that died, but also a second name of some other
 * file, which would be overwritten, or a pipe, which would be waited for.
 */
function createNote(path: string): number {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
  unlinkSync(path);
  return openSync(path, flags, 0o600);
}

/** Removes the note. */
export function removeOwnerRecord(lockPath: string): void {
  try {
    unlinkSync(recordPath(lockPath));
  } catch {
    // There was none.
  }
}

/** Tells whether this instance of a lock directory is provably held by a process that no longer exists. */
export async function isOwnerGone(lockPath: string, lock: BigIntStats): Promise<boolean> {
  try {
    const { bytes } = await readPrivateFile(recordPath(lockPath), { maxBytes: MAX_RECORD_BYTES });
    const record = parseJson(decodeUtf8(bytes)) as Record<string, unknown> | null;
    const { ino, born } = instanceOf(lock);
    if (lock.birthtimeNs <= 0n || record?.["ino"] !== ino || record["born"] !== born) return false;
    const host = thisProcess()?.host;
    if (host === undefined || record["host"] !== host) return false;
    return isProcessGone(record["pid"], record["started"]);
  } catch {
    return false;
  }
}

function recordPath(lockPath: string): string {
  return `${lockPath}.owner`;
}

// Inode numbers are reused at once, so the birth time has to agree too.
function instanceOf(lock: BigIntStats): { readonly ino: string; readonly born: string } {
  return { ino: String(lock.ino), born: String(lock.birthtimeNs) };
}

function isProcessGone(pid: unknown, started: unknown): boolean {
  if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Any other answer (EPERM) comes from a process that lives, even where /proc hides it from us.
    if (errnoOf(error) === "ESRCH") return true;
  }
  const current = startOf(pid);
  return current !== undefined && typeof started === "string" && current !== started;
}

function thisProcess(): ProcessIdentity | null {
  if (self === undefined) self = identify();
  return self;
}

/** Null where a process cannot be told from a later one: not Linux, or a /proc that shows another namespace. */
function identify(): ProcessIdentity | null {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const namespace = readlinkSync("/proc/self/ns/pid");
    const started = startOf(process.pid);
    if (boot === "" || started === undefined || readlinkSync("/proc/self") !== String(process.pid))
      return null;
    return { host: `${boot} ${namespace}`, pid: process.pid, started };
  } catch {
    return null;
  }
}

/** Start time of a process in clock ticks since boot: field 22; the name before it may hold anything. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
