import { closeSync, constants, fstatSync, mkdirSync, openSync } from "node:fs";
import { SandboxError } from "../sandbox-error.ts";

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** How {@link openInside} opens. */
export interface OpenInsideOptions {
  readonly flags: number;
  /** Called with the path of each folder that was missing and has been made. Default: missing folders are refused. */
  readonly made?: (descriptorPath: string) => void;
}

/**
 * Opens a file below a folder that a guest may change at any moment. Each step begins at the descriptor of the one
 * before, and none follows a link: whatever the guest puts in the way, what is opened is a plain file of the folder.
 *
 * @throws SandboxError `SANDBOX_FILE_REFUSED`
 */
export function openInside(root: string, path: string, { flags, made }: OpenInsideOptions): number {
  const parts = path.split("/");
  const name = parts.pop() as string;
  let folder = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    for (const part of parts) {
      const next = `/proc/self/fd/${folder}/${part}`;
      if (made !== undefined) makeFolder(next, made);
      const inner = open(next, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      closeSync(folder);
      folder = inner;
    }
    // A pipe in the place of the file must not hold anybody up.
    const file = open(`/proc/self/fd/${folder}/${name}`, flags | O_NOFOLLOW | O_NONBLOCK);
    const stats = fstatSync(file);
    if (stats.isFile() && stats.nlink === 1) return file;
    closeSync(file);
    throw refused("it is not a plain file, or has a second name");
  } finally {
    closeSync(folder);
  }
}

function open(path: string, flags: number): number {
  try {
    return openSync(path, flags, 0o600);
  } catch (cause) {
    throw refused(`it cannot be opened: ${(cause as NodeJS.ErrnoException).code ?? "unknown"}`);
  }
}

function makeFolder(path: string, made: (descriptorPath: string) => void): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch {
    // It is there, or it is something else: to open it will tell.
    return;
  }
  made(path);
}

function refused(why: string): SandboxError {
  return new SandboxError("SANDBOX_FILE_REFUSED", `file of the workspace is refused: ${why}`);
}
