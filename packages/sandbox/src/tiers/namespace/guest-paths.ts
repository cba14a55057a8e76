import { existsSync } from "node:fs";
import { posix } from "node:path";
import { SandboxError } from "../../sandbox-error.ts";

/** Folders of the host that the guest sees at the same place. */
const SHARED = /^\/(?:usr|bin|sbin|lib|lib32|lib64|libx32)(?:\/|$)/;

/**
 * Finds out before anything is started whether the guest will find its program: afterwards that could not be told from
 * a program that fails.
 *
 * @throws SandboxError `SANDBOX_SPAWN_FAILED`
 */
export function checkProgram(
  program: string,
  searchPath: string,
  files: ReadonlyMap<string, Uint8Array>,
  mayBeInWorkspace: boolean,
): void {
  const candidates = program.includes("/")
    ? [posix.resolve("/workspace", program)]
    : searchPath.split(":").map((folder) => posix.join(folder, program));
  const isThere = candidates.some((path) =>
    path.startsWith("/workspace/")
      ? mayBeInWorkspace || files.has(path.slice(11))
      : SHARED.test(path) && existsSync(path),
  );
  if (!isThere) throw new SandboxError("SANDBOX_SPAWN_FAILED", "program does not exist in the sandbox");
}
