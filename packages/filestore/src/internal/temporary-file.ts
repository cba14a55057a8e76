import { lstatSync, readdirSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const ORPHAN_AGE_MS = 3_600_000;
const MAX_REMEMBERED = 1024;

const lastSweeps = new Map<string, number>();

/** A name beside the target that nobody else uses: a rename is only atomic within one file system. */
export function temporaryPath(target: string): string {
  // Asked for here, so that those who only read load no node:crypto.
  const random = process.getBuiltinModule("node:crypto").randomBytes(8).toString("hex");
  const unique = `${process.pid}.${random}`;
  return join(dirname(target), `.${basename(target)}.${unique}.tmp`);
}

/**
 * Removes what writers of `target` left behind when they were killed more than an hour ago. Looks at most
 * once an hour per file: listing a directory costs more than replacing a file in it.
 */
export function sweepOrphans(target: string, now: number): void {
  if (now - (lastSweeps.get(target) ?? Number.NEGATIVE_INFINITY) < ORPHAN_AGE_MS) return;
  if (lastSweeps.size >= MAX_REMEMBERED) lastSweeps.clear();
  lastSweeps.set(target, now);
  const prefix = `.${basename(target)}.`;
  for (const name of namesIn(dirname(target))) {
    if (name.startsWith(prefix) && /^\d+\.[0-9a-f]{16}\.tmp$/.test(name.slice(prefix.length)))
      removeOrphan(join(dirname(target), name), now);
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function removeOrphan(path: string, now: number): void {
  try {
    const stats = lstatSync(path);
    if (stats.isFile() && now - stats.mtimeMs > ORPHAN_AGE_MS) unlinkSync(path);
  } catch {
    // Another writer swept it first, or it is not ours to remove: an orphan does no harm.
  }
}
