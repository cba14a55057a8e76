import { type BigIntStats, lstatSync, mkdirSync, rmdirSync, type Stats, utimesSync } from "node:fs";
import { removeOwnerRecord, writeOwnerRecord } from "./owner-record.ts";

// The calls proper-lockfile makes, with three differences. A lock is only ever removed by the one who made it:
// proper-lockfile removes whatever lies at the path, so a holder that was stopped, overtaken and woken would
// remove its successor's lock. Everything is synchronous: nothing of this process comes between a look and the
// act, and a thread pool full of key derivations cannot starve the heartbeat. And the holder leaves a note.

/** The directory that is the lock of a file. */
export function lockPathOf(file: string): string {
  return `${file}.lock`;
}

const SLOW_CREATION_MS = 5_000;

const held = new Map<string, BigIntStats>();

type Done<T = void> = (error: Error | null, value?: T) => void;

/** The part of `node:fs` that proper-lockfile calls. */
export interface LockFileSystem {
  mkdir(path: string, done: Done): void;
  stat(path: string, done: Done<Stats>): void;
  utimes(path: string, atime: Date, mtime: Date, done: Done): void;
  rmdir(path: string, done: Done): void;
  rmdirSync(path: string): void;
}

/** The file system handed to proper-lockfile. */
export const lockFileSystem: LockFileSystem = {
  mkdir: (path, done) => settle(done, () => create(path)),
  stat: (path, done) => settle(done, () => lstatSync(path)),
  utimes: (path, atime, mtime, done) => settle(done, () => utimesSync(path, atime, mtime)),
  rmdir: (path, done) => settle(done, () => removeHeld(path)),
  rmdirSync: removeHeld,
};

/** Tells whether the lock directory is still the one this process made. */
export function isHeld(path: string): boolean {
  const mine = held.get(path);
  if (mine === undefined) return false;
  const now = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return now?.ino === mine.ino && now.birthtimeNs === mine.birthtimeNs && now.dev === mine.dev;
}

/** Removes a lock directory if it is still the one this process made. */
export function removeHeld(path: string): void {
  const mine = isHeld(path);
  held.delete(path);
  if (!mine) return;
  removeOwnerRecord(path);
  rmdirSync(path);
}

function create(path: string): void {
  const started = Date.now();
  mkdirSync(path, { mode: 0o700 });
  const made = lstatSync(path, { bigint: true });
  // Stopped in between for so long that another may have taken over what we made: then this is not ours.
  if (Date.now() - started > SLOW_CREATION_MS)
    throw Object.assign(new Error("creating the lock took too long"), { code: "EEXIST" });
  held.set(path, made);
  writeOwnerRecord(path, made);
}

function settle<T>(done: Done<T>, act: () => T): void {
  let value: T;
  try {
    value = act();
  } catch (error) {
    done(error as Error);
    return;
  }
  done(null, value);
}
