import type { MemoryGroup } from "./memory-group.ts";
import { type ProcessEntry, recentProcesses } from "./proc-table.ts";

const INTERVAL_MS = 50;

/** What a {@link MemoryWatch} goes by. */
export interface MemoryWatchOptions {
  readonly mostBytes: number;
  /** The group that the run is in, where the host gives one. */
  readonly group: MemoryGroup | undefined;
  /** Picks the processes of the run from all. */
  readonly members: (all: readonly ProcessEntry[]) => readonly ProcessEntry[];
  /** Called once, when the run has used up its memory. */
  readonly exceeded: () => void;
}

/**
 * Ends a run that has used up its memory. With a control group the kernel has said no already, and killed one process,
 * perhaps not the one that matters; without one, what the processes use is added up again and again.
 */
export class MemoryWatch {
  readonly #options: MemoryWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #peakBytes = 0;
  #isExceeded = false;

  constructor(options: MemoryWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS);
    this.#timer.unref();
  }

  /** Whether it was this watch, or the kernel, that ended a process of the run. */
  get isExceeded(): boolean {
    return this.#isExceeded || this.oomKills > 0;
  }

  get oomKills(): number {
    return this.#options.group?.oomKills ?? 0;
  }

  /** Most memory at once, in bytes; 0 when nobody has looked. */
  get peakBytes(): number {
    return this.#options.group?.peakBytes ?? this.#peakBytes;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { mostBytes, group, members, exceeded } = this.#options;
    if (this.#isExceeded) return;
    if (group === undefined) {
      const bytes = members(recentProcesses(INTERVAL_MS / 2)).reduce(
        (sum, { rssBytes }) => sum + rssBytes,
        0,
      );
      this.#peakBytes = Math.max(this.#peakBytes, bytes);
      if (bytes <= mostBytes) return;
    } else if (group.oomKills === 0) return;
    this.#isExceeded = true;
    exceeded();
  }
}
