import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import type { SandboxLimits } from "../policy/limits.ts";
import { findTool } from "../process/find-tool.ts";
import { SandboxError } from "../sandbox-error.ts";
import { canBoundWorkspace } from "./can-bound-workspace.ts";
import { createHostFolder, innerOf, removeAbandoned } from "./host-folders.ts";

const run = promisify(execFile);
const MAX_ENTRIES = 10_000;
const PAGE_BYTES = 4096;

/** A folder that lasts over several runs. */
export interface WorkspaceFolder {
  readonly path: string;
  /** @throws SandboxError `SANDBOX_CLEANUP_FAILED` */
  remove(): Promise<void>;
}

/**
 * Makes a folder for a guest. For root it is in memory and bounded; else it is a folder like any other.
 * @throws SandboxError `SANDBOX_TIER_UNAVAILABLE` when it cannot be bounded although it should.
 */
export async function createWorkspaceFolder(uid: number, limits: SandboxLimits): Promise<WorkspaceFolder> {
  await removeWorkspaceFolders();
  const { outer, inner: path } = createHostFolder(uid);
  try {
    if (canBoundWorkspace()) await mount(path, uid, limits);
  } catch (cause) {
    await rm(outer, { recursive: true, force: true });
    throw new SandboxError("SANDBOX_TIER_UNAVAILABLE", "workspace cannot be mounted", { cause });
  }
  return { path, remove: async () => removeFolder(outer) };
}

/** Removes what killed hosts have left. */
export async function removeWorkspaceFolders(): Promise<void> {
  await removeAbandoned(removeFolder);
}

async function mount(path: string, uid: number, { workspaceBytes }: SandboxLimits): Promise<void> {
  const owner = `uid=${uid},gid=${uid},mode=0700`;
  // The kernel rounds up to whole pages.
  const size = workspaceBytes - (workspaceBytes % PAGE_BYTES);
  const options = `size=${size},nr_inodes=${MAX_ENTRIES},${owner},nosuid,nodev`;
  await run(findTool("mount") as string, ["-t", "tmpfs", "-o", options, "sandbox", path], { env: {} });
}

async function removeFolder(outer: string): Promise<void> {
  const umount = canBoundWorkspace() ? findTool("umount") : undefined;
  try {
    // Not mounted any more, or never: then there is nothing to do.
    if (umount !== undefined) await run(umount, ["-l", innerOf(outer)], { env: {} }).catch(() => undefined);
    await rm(outer, { recursive: true, force: true, maxRetries: 3 });
  } catch (cause) {
    throw new SandboxError("SANDBOX_CLEANUP_FAILED", "workspace cannot be removed", { cause });
  }
}
