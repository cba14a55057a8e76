import { existsSync, readFileSync } from "node:fs";
import { killProcess } from "../../process/kill-process.ts";
import { listProcesses, type ProcessEntry } from "../../process/proc-table.ts";
import type { GuestUser } from "../../process/user-pool.ts";
import type { GuestProcess } from "../../run/guest-process.ts";
import { SandboxError } from "../../sandbox-error.ts";
import type { NativeGuest, RunMembers } from "../native/native-guest.ts";

/**
 * The processes of a bundle: all of a user of its own; else those that name the bundle's folder, as all parts of
 * `runsc` do.
 */
export function membersOfBundle(user: GuestUser, folder: string): RunMembers {
  const pick = (all: readonly ProcessEntry[]): readonly ProcessEntry[] =>
    all.filter(({ uid, pid }) => uid === user.uid && (user.isOwn || names(pid, folder)));
  return {
    pick,
    kill: () => {
      for (const { pid } of pick(listProcesses())) killProcess(pid);
    },
  };
}

/**
 * A guest behind `runsc`, which ends as its guest has ended.
 *
 * @param pidFile written when there is a container; without it, what has ended is `runsc`.
 */
export function runscGuest(guest: NativeGuest, pidFile: string): GuestProcess {
  const exited = guest.exited.then((exit) => {
    if (exit.exceeded === undefined && guest.isOutOfMemory)
      return { exitCode: null, signal: "SIGKILL" as const, exceeded: "memory" as const };
    if (exit.signal === null && !existsSync(pidFile))
      throw new SandboxError("SANDBOX_SPAWN_FAILED", "runsc did not make a container");
    return exit;
  });
  exited.catch(() => undefined);
  return {
    stdin: guest.stdin,
    stdout: guest.stdout,
    stderr: guest.stderr,
    exited,
    kill: () => guest.kill(),
    settle: async () => guest.settle(),
  };
}

function names(pid: number, folder: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(folder);
  } catch {
    return false;
  }
}
