import { unlinkSync } from "node:fs";

/** Removes what a failed creation left, if anything: the error being thrown matters more. */
export function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Never created, or the file system is failing.
  }
}
