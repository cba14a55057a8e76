import type { RunResult } from "@symbiont/sandbox";

/** Where a guest's files are. */
export const WORKSPACE = "/workspace";
/** What a command that did not exit by itself has for an exit code. */
export const NO_EXIT_CODE = -1;

const IN_FOLDER = 'cd -- "$1" && shift && exec "$@"';

/** A command for a shell of the guest's, in a folder of its own. */
export function inShell(command: string, folder: string = WORKSPACE, shell = "/bin/sh"): readonly string[] {
  return ["/bin/sh", "-c", IN_FOLDER, "sh", folder, shell, "-c", command];
}

/** Why a command was ended, where a model reads it; empty for one that exited. */
export function endNote({ status }: RunResult): string {
  return status === "exited" ? "" : `\n[sandbox: ended with ${status}]`;
}
