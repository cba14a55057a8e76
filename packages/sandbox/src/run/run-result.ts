import type { CapturedOutput } from "./captured-output.ts";

/**
 * How a run ended. All of these are the guest's doing, apart from `sandbox-failure`: something could not be ended or
 * counted, and nobody should go on as if it had been.
 */
export type RunStatus =
  | "exited"
  | "signaled"
  | "timeout"
  | "idle-timeout"
  | "cpu-limit"
  | "memory-limit"
  | "output-limit"
  | "cancelled"
  | "sandbox-failure";

/** Who sees to it that a limit holds: the host's or the guest's kernel, this process, somebody else by their word, nobody. */
export type Enforcer = "kernel" | "supervisor" | "service" | "none";

/** The outcome of a run. Guests that fail, hang or are killed give one of these too, with all output so far. */
export interface RunResult {
  readonly status: RunStatus;
  /** Exit code of the first process; null when it did not exit by itself. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
  readonly usage: {
    readonly wallMs: number;
    /** Most memory of all processes at once, where the tier can tell. */
    readonly peakMemoryBytes?: number;
    /** Processes that the kernel has killed because memory had run out; the first one may have gone on. */
    readonly oomKills?: number;
  };
  /** Processes that are still there. Anything but 0 comes with the status `sandbox-failure`. */
  readonly survivors: number;
}
