import { randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { killProcess } from "./kill-process.ts";
import { isGone, thisHost } from "./lease-owner.ts";
import { readKernelFile } from "./read-kernel-file.ts";

/** Where the controller is, and how its files are called. */
interface Layout {
  readonly root: string;
  readonly limits: (bytes: number) => readonly (readonly [file: string, value: string])[];
  readonly membersFile: string;
  readonly peakFile: string;
  readonly eventsFile: string;
}

const VERSION_2: Layout = {
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
const VERSION_1: Layout = {
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
const PREFIX = "symbiont-sandbox-";
/** Between whose a group is, and what sets it apart from that host's others. */
const SEPARATOR = "+";
/** Kernels without swap accounting have no such file; without swap there is nothing to limit. */
const MAY_BE_MISSING: ReadonlySet<string> = new Set(["memory.swap.max", "memory.memsw.limit_in_bytes"]);

/**
 * A control group that bounds the memory of all processes of a run together: what the kernel refuses, nobody has to
 * notice in time.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#memory
 */
export class MemoryGroup {
  readonly #layout: Layout;
  readonly #folder: string;

  private constructor(layout: Layout, folder: string) {
    this.#layout = layout;
    this.#folder = folder;
  }

  /** Whether this host gives groups: to root, where it has the controller. */
  static isAvailable(): boolean {
    return findLayout() !== undefined;
  }

  /** Undefined where the host does not give one. */
  static create(bytes: number): MemoryGroup | undefined {
    const layout = findLayout();
    if (layout === undefined) return undefined;
    for (const folder of busy) if (removeFolder(folder)) busy.delete(folder);
    removeAbandoned(layout.root);
    const folder = join(layout.root, `${PREFIX}${ownName()}${SEPARATOR}${randomBytes(8).toString("hex")}`);
    try {
      mkdirSync(folder);
    } catch {
      return undefined;
    }
    const group = new MemoryGroup(layout, folder);
    try {
      for (const [file, value] of layout.limits(bytes))
        if (!MAY_BE_MISSING.has(file) || existsSync(join(folder, file)))
          writeFileSync(join(folder, file), value);
      return group;
    } catch {
      removeFolder(folder);
      return undefined;
    }
  }

  /** The file that a process of one thread writes a 0 to in order to be in the group. */
  get membersFile(): string {
    return join(this.#folder, this.#layout.membersFile);
  }

  /** Processes that were killed because memory had run out. */
  get oomKills(): number {
    return Number(/^oom_kill (\d+)$/m.exec(this.#read(this.#layout.eventsFile))?.[1] ?? 0);
  }

  /** Most memory at once, in bytes; undefined when the kernel does not tell. */
  get peakBytes(): number | undefined {
    const text = this.#read(this.#layout.peakFile).trim();
    return text === "" ? undefined : Number(text);
  }

  /**
   * Call it when no process is left. A group that is still busy goes with the next one that is made. The kernel takes
   * milliseconds for it, in which this process has other things to do.
   */
  async remove(): Promise<void> {
    await rmdir(this.#folder).catch(() => void busy.add(this.#folder));
  }

  #read(file: string): string {
    try {
      return readKernelFile(join(this.#folder, file));
    } catch {
      return "";
    }
  }
}

function findLayout(): Layout | undefined {
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

let name: string | undefined;

/** This host, as the name of a folder. */
function ownName(): string {
  return (name ??= thisHost().replaceAll("/", "."));
}

/** Groups of this host that somebody was still in when they should go. */
const busy = new Set<string>();

/** Ends what is left of hosts that were killed. */
function removeAbandoned(root: string): void {
  for (const folder of readdirSync(root)) {
    if (!folder.startsWith(PREFIX)) continue;
    const [owner = ""] = folder.slice(PREFIX.length).split(SEPARATOR, 1);
    if (owner === ownName() || !isGone(owner.replaceAll(".", "/"))) continue;
    for (const pid of membersOf(join(root, folder))) killProcess(pid);
    removeFolder(join(root, folder));
  }
}

/** A process that cannot be seen from here is listed as 0. */
function membersOf(folder: string): readonly number[] {
  try {
    return readKernelFile(join(folder, "cgroup.procs"))
      .split("\n")
      .map(Number)
      .filter((pid) => pid > 1);
  } catch {
    return [];
  }
}

/** Whether it is gone. */
function removeFolder(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    // Somebody is still in it, or another has removed it.
    return !existsSync(folder);
  }
}
