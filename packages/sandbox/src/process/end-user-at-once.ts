import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { findTool } from "./find-tool.ts";
import { listProcesses } from "./proc-table.ts";

const PATIENCE_MS = 1_000;
/** Every user is itself: no user namespace that gives ids another meaning. */
const IDENTITY = /^\s*0\s+0\s+4294967295\s*$/;

/**
 * Ends all processes of a user that is used for nothing else, wherever on this host they are. For root only.
 *
 * @returns whether it is certain that none is left.
 */
export async function endUserAtOnce(uid: number): Promise<boolean> {
  const [setpriv, shell] = [findTool("setpriv"), findTool("sh")];
  if (setpriv === undefined || shell === undefined || process.getuid?.() !== 0) return false;
  const id = String(uid);
  // One step for the kernel: no process can fork its way out of it. To look for them one by one would leave a way.
  const args = ["--reuid", id, "--regid", id, "--clear-groups", "--", shell, "-c", "kill -9 -1; exit 0"];
  const [code] = (await once(spawn(setpriv, args, { env: {}, stdio: "ignore" }), "exit").catch(() => [
    1,
  ])) as [number];
  if (code !== 0) return false;
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await sleep(2))
    if (!listProcesses().some((entry) => entry.uid === uid)) return true;
  return false;
}

/** Whether a container of an engine runs on this host, where its processes and their users can be seen as they are. */
export function isOnThisHost(containerId: string, firstPid: number): boolean {
  if (!Number.isSafeInteger(firstPid) || firstPid < 1) return false;
  try {
    return (
      readFileSync(`/proc/${firstPid}/cgroup`, "latin1").includes(containerId) &&
      IDENTITY.test(readFileSync(`/proc/${firstPid}/uid_map`, "latin1"))
    );
  } catch {
    return false;
  }
}
