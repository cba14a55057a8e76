import { once } from "node:events";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { excerpt } from "@symbiont/kit";
import type { SandboxLimits } from "../../policy/limits.ts";
import { killProcess } from "../../process/kill-process.ts";
import type { MemoryGroup } from "../../process/memory-group.ts";
import { MemoryWatch } from "../../process/memory-watch.ts";
import { isFirstOfNamespace, isRunning, listProcesses, processTree } from "../../process/proc-table.ts";
import { killProgram, type StartedProgram } from "../../process/start-program.ts";
import type { GuestExit, GuestProcess, GuestRemains } from "../../run/guest-process.ts";
import { SandboxError } from "../../sandbox-error.ts";

const PATIENCE_MS = 2_000;
/** How bubblewrap words that a process was ended by a signal. */
const SIGNAL_BASE = 128;
const MAX_REPORT = 4_096;

/** What bubblewrap has said about the guest. */
interface Report {
  "child-pid"?: number;
  "exit-code"?: number;
}

/** A guest behind bubblewrap: all its processes are in one process namespace, and end with the first of them. */
export class NamespaceGuest implements GuestProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<GuestExit>;
  readonly #program: StartedProgram;
  readonly #report: Report = {};
  readonly #memory: MemoryWatch;
  readonly #limits: SandboxLimits;
  #started = performance.now();
  readonly #uid: number;
  readonly #givenBack: () => Promise<void>;

  /** @param givenBack called when nothing of the guest is left. */
  constructor(
    program: StartedProgram,
    limits: SandboxLimits,
    uid: number,
    group: MemoryGroup | undefined,
    givenBack: () => Promise<void>,
  ) {
    this.#program = program;
    this.#limits = limits;
    this.#uid = uid;
    this.#givenBack = givenBack;
    this.stdin = program.stdin;
    this.stdout = program.stdout;
    this.stderr = program.stderr;
    this.#memory = new MemoryWatch({
      mostBytes: limits.memoryBytes,
      group,
      members: (all) => processTree(program.pid, all),
      exceeded: () => this.kill(),
    });
    this.exited = this.#watch(this.#readReport(program.reports[0] as Readable));
    // Whoever asks gets it; nobody is forced to ask.
    this.exited.catch(() => undefined);
  }

  begun(): void {
    this.#started = performance.now();
  }

  /**
   * The first process of the namespace dies with bubblewrap, and all others with it. The group is for the moment
   * before: until the guest begins, all that there is belongs to it.
   */
  kill(): void {
    killProgram(this.#program);
  }

  async settle(): Promise<GuestRemains> {
    this.#memory.stop();
    this.kill();
    const first = this.#report["child-pid"];
    const count = (): number => (first === undefined ? this.#killGroup() : this.#killFirst(first));
    let survivors = count();
    for (const deadline = performance.now() + PATIENCE_MS; survivors > 0 && performance.now() < deadline; ) {
      await sleep(2);
      survivors = count();
    }
    const { peakBytes, oomKills } = this.#memory;
    if (survivors === 0) await this.#givenBack();
    return {
      survivors,
      ...(peakBytes === 0 ? {} : { peakMemoryBytes: peakBytes }),
      ...(oomKills === 0 ? {} : { oomKills }),
    };
  }

  /**
   * The first process ends with bubblewrap, but not when that was killed in the moment before it had asked the kernel for
   * it. When all others of its namespace have ended it ends too, and may wait long for somebody to take note of it.
   */
  #killFirst(first: number): number {
    if (!isRunning(first)) return 0;
    if (isFirstOfNamespace(first, this.#uid)) killProcess(first);
    return 1;
  }

  /** Ends and counts what bubblewrap was about to make of itself when it was killed. */
  #killGroup(): number {
    const { pid } = this.#program;
    const left = listProcesses().filter(({ group, uid }) => group === pid && uid === this.#uid);
    for (const member of left) killProcess(member.pid);
    return left.length;
  }

  async #watch(reported: Promise<void>): Promise<GuestExit> {
    const [, signal] = (await once(this.#program.child, "exit")) as [number | null, NodeJS.Signals | null];
    await reported;
    const exitCode = this.#report["exit-code"];
    const isKilled = exitCode === undefined || exitCode === SIGNAL_BASE + constants.signals.SIGKILL;
    if (isKilled && this.#memory.isExceeded) return { exitCode: null, signal: "SIGKILL", exceeded: "memory" };
    if (exitCode === undefined) {
      if (signal !== null) return { exitCode: null, signal };
      throw new SandboxError(
        "SANDBOX_SPAWN_FAILED",
        `bubblewrap did not start the guest: ${this.#complaint()}`,
      );
    }
    if (exitCode === SIGNAL_BASE + constants.signals.SIGXCPU && this.#mayHaveUsedUpItsTime())
      return { exitCode: null, signal: "SIGXCPU", exceeded: "cpu" };
    return { exitCode, signal: null };
  }

  /** On any number of processors, so much processor time takes at least so much time. */
  #mayHaveUsedUpItsTime(): boolean {
    return performance.now() - this.#started > this.#limits.cpuSeconds * 10;
  }

  async #readReport(pipe: Readable): Promise<void> {
    let text = "";
    pipe.setEncoding("utf8");
    pipe.on("data", (chunk: string) => {
      text = (text + chunk).slice(-MAX_REPORT);
      for (const name of ["child-pid", "exit-code"] as const) {
        const value = new RegExp(`"${name}": (\\d{1,10})\\b`).exec(text)?.[1];
        if (value !== undefined) this.#report[name] = Number(value);
      }
    });
    await once(pipe, "close").catch(() => undefined);
  }

  /** Nothing of the guest's has run, so that what is there is bubblewrap's. */
  #complaint(): string {
    const said = this.#program.stderr.read() as Uint8Array | null;
    return said === null ? "it said nothing" : excerpt(new TextDecoder().decode(said), 200);
  }
}
