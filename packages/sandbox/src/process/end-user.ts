import { setTimeout as sleep } from "node:timers/promises";
import { killProcess } from "./kill-process.ts";
import { listProcesses } from "./proc-table.ts";

const PATIENCE_MS = 2_000;

/**
 * Ends every process of a user that is used for nothing else, where nobody else can be asked to.
 * @returns how many may be left: 1 also when none was ever seen, because then they are somewhere that cannot be seen.
 */
export async function endUser(uid: number): Promise<number> {
  let seen = 0;
  let left = 0;
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await sleep(5)) {
    const members = listProcesses().filter((entry) => entry.uid === uid);
    left = members.length;
    seen += left;
    if (left === 0) break;
    for (const { pid } of members) killProcess(pid);
  }
  return seen === 0 ? 1 : left;
}
