import { type BigIntStats, statSync } from "node:fs";
import { dirname } from "node:path";
import { FilestoreError } from "../errors.ts";
import { ioError } from "./io-error.ts";

const GROUP_AND_OTHERS = 0o077n;
const WRITABLE_BY_OTHERS = 0o022n;
const STICKY = 0o1000n;

/**
 * Refuses a file that anybody but its owner may touch beyond `mode`, and a file that is not a file.
 * Windows has no mode bits and no owner id here: only the kind is checked.
 */
export function assertPrivateFile(stats: BigIntStats, path: string, mode: number): void {
  if (stats.isSymbolicLink())
    throw new FilestoreError("FILE_IS_SYMLINK", "file is a symbolic link", { path });
  if (!stats.isFile()) throw new FilestoreError("FILE_NOT_REGULAR", "not a regular file", { path });
  if (process.platform === "win32") return;
  if (!isTrustedOwner(stats.uid))
    throw new FilestoreError("FILE_WRONG_OWNER", "file belongs to another user", { path });
  if ((stats.mode & GROUP_AND_OTHERS & ~BigInt(mode)) !== 0n)
    throw new FilestoreError("FILE_NOT_PRIVATE", "file is open to group or others", { path });
}

/** Refuses a place where somebody else could swap the file: they would decide what we read. */
export function assertPrivateDirectory(path: string): void {
  let stats: BigIntStats;
  try {
    stats = statSync(dirname(path), { bigint: true });
  } catch (error) {
    throw ioError(error, path, "looking at the directory");
  }
  if (process.platform === "win32") return;
  const shared = (stats.mode & WRITABLE_BY_OTHERS) !== 0n && (stats.mode & STICKY) === 0n;
  if (shared || !isTrustedOwner(stats.uid))
    throw new FilestoreError("FILE_DIRECTORY_NOT_PRIVATE", "others may replace files in the directory", {
      path,
    });
}

function isTrustedOwner(uid: bigint): boolean {
  return uid === 0n || uid === BigInt(process.geteuid?.() ?? 0);
}
