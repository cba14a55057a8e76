import { readdirSync } from "node:fs";
import { readKernelFile } from "./read-kernel-file.ts";

/** A process as the kernel lists it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
  /** Process group. */
  readonly group: number;
  /** Real user id. */
  readonly uid: number;
  /** Resident memory in bytes. */
  readonly rssBytes: number;
}

const KIB = 1024;
const ENDED: ReadonlySet<string> = new Set(["Z", "X"]);

/** All processes that can be seen, those that are only waiting to be reaped left out. */
export function listProcesses(): readonly ProcessEntry[] {
  return readProcesses().filter(({ state }) => !ENDED.has(state));
}

/** Users that have processes. One that waits to be reaped counts: it does for the limit of processes, too. */
export function busyUsers(): ReadonlySet<number> {
  return new Set(readProcesses().map(({ uid }) => uid));
}

function readProcesses(): readonly ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync("/proc")) {
    const entry = /^\d+$/.test(name) ? readProcess(Number(name)) : undefined;
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

let sample: { readonly atMs: number; readonly processes: readonly ProcessEntry[] } | undefined;

/** The same as it was a moment ago: to look at all processes takes milliseconds, and every run wants to. */
export function recentProcesses(maxAgeMs: number): readonly ProcessEntry[] {
  const now = performance.now();
  if (sample === undefined || now - sample.atMs > maxAgeMs)
    sample = { atMs: now, processes: listProcesses() };
  return sample.processes;
}

/** Whether a process is there and has not ended; one that only waits to be reaped has. */
export function isRunning(pid: number): boolean {
  const entry = readProcess(pid);
  return entry !== undefined && !ENDED.has(entry.state);
}

/** Whether a process is a user's, and the first of a process namespace of its own: with it, all others of that end. */
export function isFirstOfNamespace(pid: number, uid: number): boolean {
  const status = readStatus(pid);
  return status !== undefined && uidOf(status) === uid && /^NSpid:(?:\t\d+)+\t1$/m.test(status);
}

/** The processes that descend from one, and that one. */
export function processTree(root: number, processes: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const inTree = new Set([root]);
  // Children may be listed before their parents, once pids have wrapped around.
  for (let before = 0; before !== inTree.size; ) {
    before = inTree.size;
    for (const { pid, parent } of processes) if (inTree.has(parent)) inTree.add(pid);
  }
  return processes.filter(({ pid }) => inTree.has(pid));
}

function readProcess(pid: number): ProcessEntry | undefined {
  const status = readStatus(pid);
  if (status === undefined) return undefined;
  const field = (name: string): string => fieldOf(status, name);
  return {
    pid,
    parent: Number(field("PPid")),
    state: field("State"),
    group: Number(field("NSpgid")),
    uid: uidOf(status),
    rssBytes: Number(field("VmRSS")) * KIB,
  };
}

function readStatus(pid: number): string | undefined {
  try {
    return readKernelFile(`/proc/${pid}/status`);
  } catch {
    return undefined;
  }
}

function uidOf(status: string): number {
  return Number(fieldOf(status, "Uid"));
}

function fieldOf(status: string, name: string): string {
  return new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(status)?.[1] ?? "0";
}
