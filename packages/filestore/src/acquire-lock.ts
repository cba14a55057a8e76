import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { FilestoreError } from "./errors.ts";
import { ioError } from "./internal/io-error.ts";
import { Deadline } from "./internal/lock/deadline.ts";
import { isHeld, lockFileSystem, lockPathOf, removeHeld } from "./internal/lock/lock-directory.ts";
import { takeOver } from "./internal/lock/take-over.ts";
import { takeTurn } from "./internal/lock/turn.ts";
import { checkedNumber } from "./internal/options.ts";

const DAY_MS = 86_400_000;
const SHORTEST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 1000;

/** How a lock is waited for. */
export interface LockOptions {
  /** How long to wait for the lock, in milliseconds. Default 45 000: longer than an abandoned lock lasts. */
  readonly timeoutMs?: number;
  /**
   * Age in milliseconds of the last heartbeat after which a lock counts as abandoned; at least 4 000, the same
   * for everybody who locks the file. `Infinity` trusts only the proof that the holder's process is gone.
   * Default 30 000.
   */
  readonly staleMs?: number;
  /** Stops the waiting. */
  readonly signal?: AbortSignal;
}

/** The right to change a file, for as long as it lasts. */
export interface Lease {
  /** Whether the heartbeat has noticed that the lock was lost. Cheap, and late: see `assertHeld`. */
  readonly compromised: boolean;
  /**
   * Looks at the lock itself. Call it right before every effect that needs the lock: a process that was stopped
   * or blocked longer than `staleMs` has lost it without having noticed.
   * @throws FilestoreError `FILE_LOCK_LOST`.
   */
  assertHeld(): void;
}

/** A lock to be given back. */
export interface FileLock extends Lease {
  /** Gives the lock back. A lock that was lost is left to whoever has it now. */
  release(): Promise<void>;
  /** Releases. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Waits for the lock of a file, which need not exist, and holds it until released. Locks within one process
 * queue in order of arrival; between processes the lock is the directory `<path>.lock`. Not re-entrant.
 *
 * Readers of files that are only ever replaced as a whole need no lock.
 * @throws FilestoreError `FILE_LOCK_TIMEOUT`, `FILE_NOT_FOUND` (no such directory), `FILE_ACCESS_DENIED`,
 * `FILE_READ_ONLY`, `FILE_NO_SPACE`, `FILE_IO`; the signal's reason.
 */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<FileLock> {
  const absolute = resolve(path);
  const timeoutMs = checkedNumber("timeoutMs", options.timeoutMs ?? 45_000, 0);
  const staleMs = checkedNumber("staleMs", options.staleMs ?? 30_000, 4_000);
  options.signal?.throwIfAborted();
  const file = realPath(absolute);
  const deadline = new Deadline(absolute, timeoutMs, options.signal);
  const leave = await takeTurn(file, deadline);
  try {
    return await lockFile({ file, path: absolute, staleMs, deadline, leave });
  } catch (error) {
    leave();
    throw ioError(error, absolute, "locking the file");
  }
}

let loading: Promise<typeof import("proper-lockfile")> | undefined;

/** Loaded on first use: it hooks into the exit of the process, which readers should not pay for. */
function loadLockfile(): Promise<typeof import("proper-lockfile")> {
  loading ??= import("proper-lockfile").then((loaded) => loaded.default);
  return loading;
}

interface LockRequest {
  /** Real path. */
  readonly file: string;
  /** The caller's path. */
  readonly path: string;
  readonly staleMs: number;
  readonly deadline: Deadline;
  readonly leave: () => void;
}

async function lockFile(request: LockRequest): Promise<FileLock> {
  const lockfile = await loadLockfile();
  const { file, staleMs, deadline } = request;
  const lockPath = lockPathOf(file);
  const state = { compromised: false };
  for (let attempt = 0; ; attempt += 1) {
    try {
      const release = await lockfile.lock(file, {
        lockfilePath: lockPath,
        realpath: false,
        retries: 0,
        // Its own takeover lets two holders in; ours runs long before.
        stale: DAY_MS,
        update: Math.min(5_000, Math.max(1_000, staleMs / 6)),
        // The default throws from a timer and ends the process.
        onCompromised: () => {
          state.compromised = true;
        },
        fs: lockFileSystem,
      });
      return heldLock(request, lockPath, state, release);
    } catch (error) {
      if (!isContention(error)) throw error;
    }
    const removed = await takeOver(lockPath, staleMs);
    await deadline.sleep(removed ? 0 : waitBefore(attempt));
  }
}

function heldLock(
  request: LockRequest,
  lockPath: string,
  state: { compromised: boolean },
  release: () => Promise<void>,
): FileLock {
  let released: Promise<void> | undefined;
  const giveBack = async (): Promise<void> => {
    try {
      if (!state.compromised) await release();
      removeHeld(lockPath);
    } catch (error) {
      throw ioError(error, request.path, "unlocking the file");
    } finally {
      request.leave();
    }
  };
  return {
    get compromised() {
      return state.compromised;
    },
    assertHeld() {
      if (released === undefined && !state.compromised && isHeld(lockPath)) return;
      state.compromised = true;
      throw new FilestoreError("FILE_LOCK_LOST", "the lock is no longer held", { path: request.path });
    },
    release() {
      released ??= giveBack();
      return released;
    },
    [Symbol.asyncDispose]() {
      return this.release();
    },
  };
}

/** The directory's real path: two ways to the same file must lead to the same lock. */
function realPath(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch (error) {
    throw ioError(error, path, "looking at the directory");
  }
}

// ENOENT: the lock was removed between two looks at it.
function isContention(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ELOCKED" || code === "ENOENT";
}

function waitBefore(attempt: number): number {
  const ceiling = Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * 2 ** (attempt + 1));
  return SHORTEST_WAIT_MS + Math.random() * (ceiling - SHORTEST_WAIT_MS);
}
