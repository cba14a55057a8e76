const MAX_FAILURES = 5;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Stops calling what does not answer: after five failures in a row for one second, and twice as long, up to 30
 * seconds, each time the single probe after the pause fails as well.
 */
export class Breaker {
  #failures = 0;
  #pauseMs = 0;
  #openUntil = 0;
  #probing = false;

  /** Milliseconds until the next probe; 0 while calls pass. */
  pauseLeftMs(nowMs: number): number {
    return this.#pauseMs === 0 ? 0 : Math.max(0, this.#openUntil - nowMs);
  }

  /** Asks to make one call. Each true must be followed by `succeeded` or `failed`. */
  enter(nowMs: number): boolean {
    if (this.#pauseMs === 0) return true;
    if (this.#probing || nowMs < this.#openUntil) return false;
    this.#probing = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#pauseMs = 0;
    this.#probing = false;
  }

  failed(nowMs: number): void {
    this.#failures += 1;
    // Calls that were already on their way when the breaker opened tell nothing new.
    if (this.#pauseMs > 0 && !this.#probing) return;
    if (this.#failures < MAX_FAILURES) return;
    this.#probing = false;
    this.#pauseMs = this.#pauseMs === 0 ? FIRST_PAUSE_MS : Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    this.#openUntil = nowMs + this.#pauseMs;
  }
}
