import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { killProcess } from "./kill-process.ts";
import { isGone, thisHost } from "./lease-owner.ts";
import { findMemoryLayout, type MemoryLayout } from "./memory-layout.ts";
import { readKernelFile } from "./read-kernel-file.ts";

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
  readonly #layout: MemoryLayout;
  readonly #folder: string;

  private constructor(layout: MemoryLayout, folder: string) {
    this.#layout = layout;
    this.#folder = folder;
  }

  /** Undefined where the host does not give one. */
  static create(bytes: number): MemoryGroup | undefined {
    const layout = findMemoryLayout();
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
