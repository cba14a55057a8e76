/** Ends a process; with a negative number, all processes of a group. One that is gone is fine. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone.
  }
}
