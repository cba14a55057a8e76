import { type ProcessEntry, recentProcesses } from "./proc-table.ts";

const INTERVAL_MS = 50;

/** Adds up the memory of a run again and again, for hosts where no control group can be had. */
export class MemoryWatch {
  readonly #timer: NodeJS.Timeout;
  peakBytes = 0;
  isExceeded = false;

  /** @param members picks the processes of the run from all. */
  constructor(
    mostBytes: number,
    members: (all: readonly ProcessEntry[]) => readonly ProcessEntry[],
    exceeded: () => void,
  ) {
    this.#timer = setInterval(() => {
      const bytes = members(recentProcesses(INTERVAL_MS / 2)).reduce(
        (sum, { rssBytes }) => sum + rssBytes,
        0,
      );
      this.peakBytes = Math.max(this.peakBytes, bytes);
      if (bytes <= mostBytes || this.isExceeded) return;
      this.isExceeded = true;
      exceeded();
    }, INTERVAL_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
