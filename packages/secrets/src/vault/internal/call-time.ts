import { SecretError } from "../../errors.ts";
import { assertNotAborted } from "../../internal/abortable.ts";
import { raceSignal } from "./race-signal.ts";

/** What a call ends at. */
export interface CallEnds {
  readonly budgetMs: number;
  readonly caller?: AbortSignal | undefined;
  readonly closed: AbortSignal;
}

/** How long one call may still take, over all its tries, and who may end it earlier. */
export class CallTime {
  /** Fires when the caller gives up, the client is closed, or the time is over. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #sources: readonly AbortSignal[];
  readonly #end: number;
  readonly #ends: CallEnds;

  private constructor(ends: CallEnds) {
    this.#ends = ends;
    this.#end = performance.now() + ends.budgetMs;
    this.signal = this.#controller.signal;
    const { caller, closed } = ends;
    const deadline = AbortSignal.timeout(ends.budgetMs);
    this.#sources = caller === undefined ? [deadline, closed] : [deadline, closed, caller];
    for (const source of this.#sources) source.addEventListener("abort", this.#stop, { once: true });
  }

  /**
   * Runs a call, and lets go of the signals afterwards. `AbortSignal.any` would not: some versions of Node remember
   * every signal that was ever made of one that lives long.
   * @throws SecretError like {@link CallTime.assertTime}; what `work` throws.
   */
  static async within<T>(ends: CallEnds, work: (time: CallTime) => Promise<T>): Promise<T> {
    const time = new CallTime(ends);
    try {
      time.assertTime();
      return await work(time);
    } finally {
      for (const source of time.#sources) source.removeEventListener("abort", time.#stop);
    }
  }

  get remainingMs(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /** @throws SecretError `SECRET_ABORTED`, `SECRET_CLOSED`, `SECRET_TIMED_OUT` when there is no time left. */
  assertTime(): void {
    assertNotAborted(this.#ends.caller);
    if (this.#ends.closed.aborted) throw new SecretError("SECRET_CLOSED", "the Vault client was closed");
    if (this.signal.aborted || this.remainingMs === 0)
      throw new SecretError("SECRET_TIMED_OUT", "Vault did not answer in time");
  }

  /** Waits for `work`, but no longer than there is time; `work` itself goes on. */
  async until<T>(work: Promise<T>): Promise<T> {
    // When there is no time left nobody may be waiting for it: its failure must not end the process.
    work.catch(() => undefined);
    this.assertTime();
    try {
      return await raceSignal(work, this.signal);
    } catch (error) {
      this.assertTime();
      throw error;
    }
  }

  /** Sleeps, but no longer than there is time. */
  async sleep(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const slept = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    try {
      await this.until(slept);
    } finally {
      clearTimeout(timer);
    }
  }

  readonly #stop = (): void => this.#controller.abort();
}
