import { setTimeout as sleep } from "node:timers/promises";
import { endUserAtOnce } from "./end-user-at-once.ts";
import { killProcess } from "./kill-process.ts";
import { listProcesses } from "./proc-table.ts";

const PATIENCE_MS = 2_000;

/**
 * Ends every process of a user that is used for nothing else, where nobody else can be asked to.
 * @returns how many may be left: 1 also when none was ever seen, because then they are somewhere that cannot be seen.
 */
export async function endUser(uid: number): Promise<number> {
  if (membersOf(uid).length === 0) return 1;
  if (await endUserAtOnce(uid)) return 0;
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await sleep(5)) {
    const members = membersOf(uid);
    if (members.length === 0) return 0;
    for (const pid of members) killProcess(pid);
  }
  return membersOf(uid).length;
}

function membersOf(uid: number): readonly number[] {
  return listProcesses()
    .filter((entry) => entry.uid === uid)
    .map(({ pid }) => pid);
}
