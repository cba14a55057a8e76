import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { readKernelFile } from "./read-kernel-file.ts";

/** Where the controller of memory is, and how its files are called. */
export interface MemoryLayout {
  readonly root: string;
  readonly limits: (bytes: number) => readonly (readonly [file: string, value: string])[];
  readonly membersFile: string;
  readonly peakFile: string;
  readonly eventsFile: string;
}

const VERSION_2: MemoryLayout = {
  root: "/sys/fs/cgroup",
  limits: (bytes) => [
    ["memory.max", String(bytes)],
    ["memory.swap.max", "0"],
    ["memory.oom.group", "1"],
  ],
  membersFile: "cgroup.procs",
  peakFile: "memory.peak",
  eventsFile: "memory.events",
};
const VERSION_1: MemoryLayout = {
  root: "/sys/fs/cgroup/memory",
  limits: (bytes) => [
    ["memory.limit_in_bytes", String(bytes)],
    ["memory.memsw.limit_in_bytes", String(bytes)],
  ],
  // One thread moves itself without a lock that all of the system's processes share, and waits 10 ms less. A shell has one.
  membersFile: "tasks",
  peakFile: "memory.max_usage_in_bytes",
  eventsFile: "memory.oom_control",
};
let found: MemoryLayout | undefined;

/** Undefined on hosts that do not give groups: to root, where it has the controller, they do. */
export function findMemoryLayout(): MemoryLayout | undefined {
  return (found ??= lookForLayout());
}

function lookForLayout(): MemoryLayout | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const layout = enabledControllers().includes("memory") ? VERSION_2 : VERSION_1;
  try {
    // In many containers the tree is there to read only.
    accessSync(join(layout.root, layout === VERSION_2 ? "" : "memory.limit_in_bytes"), constants.W_OK);
    return layout;
  } catch {
    return undefined;
  }
}

/** Of version 2; none where it is not mounted. */
function enabledControllers(): readonly string[] {
  try {
    return readKernelFile(join(VERSION_2.root, "cgroup.subtree_control")).split(/\s/);
  } catch {
    return [];
  }
}
