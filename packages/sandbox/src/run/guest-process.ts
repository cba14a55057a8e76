import type { Readable, Writable } from "node:stream";

/** How the guest's first process ended. */
export interface GuestExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** A limit that it has been ended for. */
  readonly exceeded?: "cpu" | "memory";
}

/** What is left of a run, and what it has used, as far as the tier can tell. */
export interface GuestRemains {
  /** Processes that could not be ended. */
  readonly survivors: number;
  /** Most memory at once, in bytes. */
  readonly peakMemoryBytes?: number;
  /** Processes that the kernel has killed because memory had run out. */
  readonly oomKills?: number;
}

/** A command that runs inside a tier. */
export interface GuestProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Rejects with a SandboxError when the tier failed, not the guest. */
  readonly exited: Promise<GuestExit>;
  /** Called when a guest that was kept is given its command: its time begins. */
  begun?(): void;
  /** Ends every process of the run, however it has detached itself. */
  kill(): void;
  /** Ends what is left after the first process, and gives back what the run was lent. */
  settle(): Promise<GuestRemains>;
}
