import type { Duplex } from "node:stream";

/** A virtual machine whose agent is about to speak, or has spoken. */
export interface Machine {
  /** To the agent and back. */
  readonly channel: Duplex;
  /** Whether the agent has said already that it is there, to somebody else. */
  readonly isReady: boolean;
  /** Resolves when the machine has ended. */
  readonly ended: Promise<void>;
  /** Ends it at once. */
  kill(): void;
  /**
   * Gives back what it was lent. Call it once, after it was killed.
   * @returns processes of the host that could not be ended.
   */
  remove(): Promise<number>;
}
