import { spawn } from "node:child_process";

/**
 * Ends every process of a user that is used for nothing else. `kill -1` by that user is one step for the kernel: no
 * process can fork its way out of it.
 */
export function killUser(setpriv: string, shell: string, uid: number): void {
  const args = [
    "--reuid",
    String(uid),
    "--regid",
    String(uid),
    "--clear-groups",
    "--",
    shell,
    "-c",
    "kill -9 -1",
  ];
  // There may be nobody left: how it ends tells nothing.
  spawn(setpriv, args, { env: {}, stdio: "ignore" }).on("error", () => undefined);
}
