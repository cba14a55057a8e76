import { untilAborted } from "./until-aborted.ts";

/** Lets readers who come together share one read. */
export class SharedRead<T> {
  readonly #read: () => Promise<T>;
  #running: Promise<T> | undefined;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  /** The read under way, if there is one. */
  get running(): Promise<T> | undefined {
    return this.#running;
  }

  /**
   * Reads, or joins a read; but not one that began before this call, whose answer may be older than the question,
   * unless `isCurrent` finds nothing newer.
   */
  async join(isCurrent: (value: T) => boolean, signal: AbortSignal | undefined): Promise<T> {
    if (this.#running !== undefined) {
      const earlier = await untilAborted(
        this.#running.then(
          (value) => ({ value }),
          () => undefined,
        ),
        signal,
      );
      if (earlier !== undefined && isCurrent(earlier.value)) return earlier.value;
    }
    this.#running ??= this.#read().finally(() => {
      this.#running = undefined;
    });
    return untilAborted(this.#running, signal);
  }
}
