import { type BigIntStats, lstatSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { errnoOf } from "../io-error.ts";
import { isOwnerGone } from "./owner-record.ts";

const CLAIM_AGE_MS = 300_000;

/**
 * Removes a lock whose holder is provably dead, or whose heartbeat stopped `staleMs` ago.
 *
 * Looking and removing cannot be one step, so whoever wants to remove this instance of the lock first makes
 * a directory named after it. One wins, looks again and removes; a late comer with an old look finds another
 * instance, and leaves it alone.
 * @returns whether the lock was removed.
 * @see https://github.com/moxystudio/node-proper-lockfile/issues/121
 */
export async function takeOver(lockPath: string, staleMs: number): Promise<boolean> {
  const seen = look(lockPath);
  if (seen === undefined) return false;
  const stale = Date.now() - Number(seen.mtimeNs / 1_000_000n) > staleMs;
  if (!stale && !(await isOwnerGone(lockPath, seen))) return false;

  sweepClaims(lockPath);
  const claim = `${lockPath}.takeover-${seen.ino}-${seen.mtimeNs}`;
  if (!tryMakeDirectory(claim)) return false;
  try {
    const now = look(lockPath);
    if (now?.ino !== seen.ino || now.mtimeNs !== seen.mtimeNs) return false;
    rmdirSync(lockPath);
    return true;
  } finally {
    rmdirSync(claim);
  }
}

function look(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

function tryMakeDirectory(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Removes claims of processes that were killed while they held one. */
function sweepClaims(lockPath: string): void {
  const prefix = `${basename(lockPath)}.takeover-`;
  for (const name of readdirSync(dirname(lockPath))) {
    if (!name.startsWith(prefix)) continue;
    const claim = join(dirname(lockPath), name);
    try {
      if (Date.now() - lstatSync(claim).mtimeMs > CLAIM_AGE_MS) rmdirSync(claim);
    } catch {
      // Its owner or another sweeper was faster.
    }
  }
}
