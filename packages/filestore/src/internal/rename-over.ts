import { setTimeout as sleep } from "node:timers/promises";
import type { FileSystem } from "../file-system.ts";
import { errnoOf } from "./io-error.ts";

const RETRIES = 10;
const IN_USE: ReadonlySet<string> = new Set(["EPERM", "EBUSY", "EACCES"]);

/**
 * Renames over a file, with `check` run in the same turn of the event loop, so that no work of this process
 * comes between. On Windows a file that somebody has open refuses for a moment: tried again up to 10 times.
 */
export async function renameOver(
  fileSystem: FileSystem,
  from: string,
  to: string,
  check: () => void,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    check();
    try {
      fileSystem.rename(from, to);
      return;
    } catch (error) {
      const passing = process.platform === "win32" && IN_USE.has(errnoOf(error) ?? "");
      if (!passing || attempt > RETRIES) throw error;
    }
    await sleep(Math.min(200, 10 * 2 ** (attempt - 1)));
  }
}
