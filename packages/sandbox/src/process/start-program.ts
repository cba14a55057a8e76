import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { SandboxError } from "../sandbox-error.ts";
import { inheritedDescriptors } from "./inherited-descriptors.ts";
import { killProcess } from "./kill-process.ts";

/** A program to start, with everything that it gets. */
export interface LaunchPlan {
  /** Absolute path. */
  readonly file: string;
  readonly args: readonly string[];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** What it finds on descriptors 3, 4 and so on: bytes to read, a pipe to write to, or a descriptor of this process. */
  readonly extra?: readonly (Uint8Array | "report" | number)[];
}

/** A program that was started. */
export interface StartedProgram {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The pipes it reports on, in order. */
  readonly reports: readonly Readable[];
}

/**
 * Ends a program and all of its group. Once the program has been reaped its number may be somebody else's, so that then
 * nothing is done.
 */
export function killProgram({ child, pid }: StartedProgram): void {
  if (child.exitCode === null && child.signalCode === null) killProcess(-pid);
}

/**
 * Starts a program as the leader of a session of its own, with no descriptor but those it is given.
 * @throws SandboxError `SANDBOX_SPAWN_FAILED`
 */
export async function startProgram(plan: LaunchPlan): Promise<StartedProgram> {
  const { extra = [] } = plan;
  const stdio: (number | "pipe" | "ignore")[] = [
    "pipe",
    "pipe",
    "pipe",
    ...extra.map((given) => (typeof given === "number" ? given : ("pipe" as const))),
  ];
  let nothing: number | undefined;
  let child: ChildProcess;
  try {
    // The only way to keep an inherited descriptor from a child is to put something harmless in its place.
    for (const descriptor of inheritedDescriptors()) {
      nothing ??= openSync("/dev/null", "r");
      while (stdio.length <= descriptor) stdio.push("ignore");
      if (stdio[descriptor] === "ignore") stdio[descriptor] = nothing;
    }
    child = spawn(plan.file, plan.args, { cwd: plan.cwd, env: { ...plan.env }, stdio, detached: true });
    await new Promise((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    throw new SandboxError("SANDBOX_SPAWN_FAILED", `program could not be started: ${code}`, { cause });
  } finally {
    if (nothing !== undefined) closeSync(nothing);
  }
  const reports: Readable[] = [];
  for (const [index, given] of extra.entries()) {
    if (typeof given === "number") continue;
    const pipe = child.stdio[3 + index] as Readable & Writable;
    pipe.on("error", () => undefined);
    if (given === "report") reports.push(pipe);
    else pipe.end(given);
  }
  const { pid, stdin, stdout, stderr } = child as ChildProcess & {
    readonly pid: number;
    readonly stdin: Writable;
    readonly stdout: Readable;
    readonly stderr: Readable;
  };
  return { pid, child, stdin, stdout, stderr, reports };
}
