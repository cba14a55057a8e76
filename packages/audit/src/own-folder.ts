import { lstatSync } from "node:fs";
import { join, relative, sep } from "node:path";

/**
 * Whether a folder below `root`, as far as there is one, is reached from there without a link, which whoever can write one of
 * the folders may have put in the place of another.
 */
export function isOwnFolder(root: string, folder: string): boolean {
  let path = root;
  for (const name of relative(root, folder).split(sep)) {
    if (name === "") continue;
    path = join(path, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return true;
    if (!stats.isDirectory()) return false;
  }
  return true;
}
