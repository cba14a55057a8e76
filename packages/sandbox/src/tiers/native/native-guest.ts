import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { SandboxLimits } from "../../policy/limits.ts";
import { killProcess } from "../../process/kill-process.ts";
import type { MemoryGroup } from "../../process/memory-group.ts";
import { MemoryWatch } from "../../process/memory-watch.ts";
import { listProcesses, type ProcessEntry } from "../../process/proc-table.ts";
import { killProgram, type StartedProgram } from "../../process/start-program.ts";
import type { GuestExit, GuestProcess, GuestRemains } from "../../run/guest-process.ts";

const PATIENCE_MS = 2_000;

/** How the processes of a run are found and ended. */
export interface RunMembers {
  /** Picks them from all processes. */
  pick(all: readonly ProcessEntry[]): readonly ProcessEntry[];
  /** Ends all of them. */
  kill(): void;
}

/** A guest that is an ordinary process of the host. */
export class NativeGuest implements GuestProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<GuestExit>;
  readonly #program: StartedProgram;
  readonly #members: RunMembers;
  readonly #memory: MemoryWatch;
  readonly #cleanUp: (survivors: number) => Promise<void>;

  constructor(
    program: StartedProgram,
    limits: SandboxLimits,
    members: RunMembers,
    group: MemoryGroup | undefined,
    cleanUp: (survivors: number) => Promise<void>,
  ) {
    this.#program = program;
    this.#members = members;
    this.#cleanUp = cleanUp;
    this.stdin = program.stdin;
    this.stdout = program.stdout;
    this.stderr = program.stderr;
    this.#memory = new MemoryWatch({
      mostBytes: limits.memoryBytes,
      group,
      members: (all) => members.pick(all),
      exceeded: () => this.kill(),
    });
    this.exited = this.#watch();
  }

  /** Whether the run has used up its memory. */
  get isOutOfMemory(): boolean {
    return this.#memory.isExceeded;
  }

  kill(): void {
    killProgram(this.#program);
    this.#members.kill();
  }

  async settle(): Promise<GuestRemains> {
    this.#memory.stop();
    const count = (): number => this.#members.pick(listProcesses()).length;
    let left = count();
    for (const deadline = performance.now() + PATIENCE_MS; left > 0 && performance.now() < deadline; ) {
      this.#members.kill();
      await sleep(5);
      left = count();
    }
    const { peakBytes, oomKills } = this.#memory;
    await this.#cleanUp(left);
    return {
      survivors: left,
      ...(peakBytes === 0 ? {} : { peakMemoryBytes: peakBytes }),
      ...(oomKills === 0 ? {} : { oomKills }),
    };
  }

  async #watch(): Promise<GuestExit> {
    const [exitCode, signal] = (await once(this.#program.child, "exit")) as [
      number | null,
      NodeJS.Signals | null,
    ];
    if (signal === "SIGKILL" && this.#memory.isExceeded) return { exitCode, signal, exceeded: "memory" };
    return signal === "SIGXCPU" ? { exitCode, signal, exceeded: "cpu" } : { exitCode, signal };
  }
}

/** Members of a run whose user has no other process. */
export function membersOfUser(uid: number, killAll: () => void): RunMembers {
  return { pick: (all) => all.filter((entry) => entry.uid === uid), kill: killAll };
}

/**
 * Members of a run that shares its user with the host: its group, and those that carry a mark in their environment. One
 * that has removed the mark and left the group is not found; that is one reason why this tier is no sandbox.
 *
 * @param leader the run's first process, once it has begun.
 */
export function membersWithMark(uid: number, mark: string, leader: () => number | undefined): RunMembers {
  const pick = (all: readonly ProcessEntry[]): readonly ProcessEntry[] => {
    const group = leader();
    return all.filter((entry) => entry.uid === uid && (entry.group === group || hasMark(entry.pid, mark)));
  };
  return {
    pick,
    kill: () => {
      for (const { pid } of pick(listProcesses())) killProcess(pid);
    },
  };
}

function hasMark(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark);
  } catch {
    return false;
  }
}
