import { SecretError } from "../../errors.ts";
import { assertNotAborted } from "../../internal/abortable.ts";
import { raceSignal } from "./race-signal.ts";

/** How long one call may still take, over all its tries, and who may end it earlier. */
export class CallTime {
  /** Fires when the caller gives up, the client is closed, or the time is over. */
  readonly signal: AbortSignal;
  readonly #end: number;
  readonly #caller: AbortSignal | undefined;
  readonly #closed: AbortSignal;

  constructor(
    budgetMs: number,
    { caller, closed }: { readonly caller?: AbortSignal | undefined; readonly closed: AbortSignal },
  ) {
    this.#end = performance.now() + budgetMs;
    this.#caller = caller;
    this.#closed = closed;
    const ends = [AbortSignal.timeout(budgetMs), closed];
    this.signal = AbortSignal.any(caller === undefined ? ends : [...ends, caller]);
  }

  get remainingMs(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /** @throws SecretError `SECRET_ABORTED`, `SECRET_CLOSED`, `SECRET_TIMED_OUT` when there is no time left. */
  assertTime(): void {
    assertNotAborted(this.#caller);
    if (this.#closed.aborted) throw new SecretError("SECRET_CLOSED", "the Vault client was closed");
    if (this.signal.aborted || this.remainingMs === 0)
      throw new SecretError("SECRET_TIMED_OUT", "Vault did not answer in time");
  }

  /** Waits for `work`, but no longer than there is time; `work` itself goes on. */
  async until<T>(work: Promise<T>): Promise<T> {
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
}
