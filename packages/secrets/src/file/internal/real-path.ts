import { realpathSync } from "node:fs";
import { resolve } from "node:path";

/**
 * Follows symbolic links to the file itself, which is what is read, locked and replaced. Mounted secrets are links
 * that are turned to another folder when they change.
 * @returns the path itself when there is no such file.
 */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
