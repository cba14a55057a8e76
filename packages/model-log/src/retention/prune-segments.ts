import { closeSync, openSync, readdirSync, readSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { syncDirectory } from "@symbiont/filestore";
import { asModelLogError } from "../as-model-log-error.ts";
import type { LogKeys } from "../keys/log-keys.ts";
import { readHeaderOf } from "../reading/read-segment.ts";

/** What is deleted. */
export interface RetentionOptions {
  /** Segments whose newest record is older, in days. Default 90. */
  readonly retentionDays?: number;
  /** Also the oldest segments, until all of them have at most so many bytes. Default no limit. */
  readonly maxTotalBytes?: number;
  /** File names of segments that are kept whatever their age. Default none. */
  readonly legalHold?: readonly string[];
  /** Only say what would be deleted. Default false. */
  readonly dryRun?: boolean;
}

/** A segment that was deleted, or would be. */
export interface PrunedSegment {
  readonly name: string;
  readonly bytes: number;
}

const SEGMENT = /^mlog-\d{8}T\d{9}-[0-9a-f]{8}\.log$/;
/** A seal is shorter. */
const SEAL_BYTES = 1_024;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** @throws RangeError naming a wrong option. */
export function checkRetention({ retentionDays = 0, maxTotalBytes = 0 }: RetentionOptions): void {
  for (const [name, value] of Object.entries({ retentionDays, maxTotalBytes }))
    if (!(value >= 0)) throw new RangeError(`${name} must be a number from 0, got ${value}`);
}

/** File names of a directory's segments, the oldest first. */
export function segmentNames(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => SEGMENT.test(name))
    .sort();
}

/**
 * Deletes old segments and, when they are secrets of their own, their keys first: a segment that could not be deleted
 * is unreadable then. Unlinking does not erase flash, snapshots or backups; a destroyed key does.
 */
export async function pruneSegments(
  directory: string,
  options: RetentionOptions,
  context: { readonly keys: LogKeys; readonly nowMs: number; readonly current?: string },
): Promise<readonly PrunedSegment[]> {
  const { retentionDays = 90, maxTotalBytes = Infinity, legalHold = [], dryRun = false } = options;
  checkRetention(options);
  try {
    const segments = segmentNames(directory).map((name) => {
      const { size, mtimeMs } = statSync(join(directory, name));
      return { name, size, mtimeMs };
    });
    let total = segments.reduce((sum, { size }) => sum + size, 0);
    const pruned: PrunedSegment[] = [];
    for (const { name, size, mtimeMs } of segments) {
      // Written last: a clock that was wrong when records were made must not make them look older.
      const old = context.nowMs - mtimeMs > retentionDays * DAY_MS;
      if (name === context.current || legalHold.includes(name) || !(old || total > maxTotalBytes)) continue;
      // Another process may be writing it.
      if (context.nowMs - mtimeMs < DAY_MS && !isSealed(join(directory, name), size)) continue;
      total -= size;
      pruned.push({ name, bytes: size });
      if (!dryRun) await remove(join(directory, name), context.keys);
    }
    if (pruned.length > 0 && !dryRun) await syncDirectory(directory);
    return pruned;
  } catch (error) {
    throw asModelLogError(error);
  }
}

function isSealed(path: string, size: number): boolean {
  const tail = Buffer.alloc(Math.min(size, SEAL_BYTES));
  const descriptor = openSync(path, "r");
  try {
    readSync(descriptor, tail, 0, tail.length, size - tail.length);
  } finally {
    closeSync(descriptor);
  }
  return tail.toString("latin1").trimEnd().split("\n").at(-1)?.startsWith('{"t":"seal"') === true;
}

async function remove(path: string, keys: LogKeys): Promise<void> {
  if (keys.kind === "vaulted") {
    const header = await readHeaderOf(path).catch(() => undefined);
    if (header !== undefined && header.wrapped === undefined) await keys.vault.delete(header.keyId);
  }
  unlinkSync(path);
}
