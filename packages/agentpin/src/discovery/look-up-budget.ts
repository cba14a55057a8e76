const WINDOW_SECONDS = 60;
const MAX_CALLERS = 10_000;
const MAX_CALLER_LENGTH = 256;

/**
 * Counts the look-ups of issuers not known before that each caller caused in the present minute, failures included. Callers beyond ten thousand
 * in one minute have none left; names that are no short text count as one caller.
 */
export class LookUpBudget {
  readonly #max: number;
  readonly #used = new Map<string, number>();
  #since = Number.NEGATIVE_INFINITY;

  /** @param max look-ups a minute for each caller. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Takes one look-up; false when there is none left. @param now seconds since the epoch. */
  take(caller: unknown, now: number): boolean {
    if (Number.isNaN(now)) return false;
    // Also when the clock was put back.
    if (!(Math.abs(now - this.#since) < WINDOW_SECONDS)) {
      this.#used.clear();
      this.#since = now;
    }
    const key = typeof caller === "string" && caller.length <= MAX_CALLER_LENGTH ? caller : "";
    const used = this.#used.get(key) ?? 0;
    if (used >= this.#max || (used === 0 && this.#used.size >= MAX_CALLERS)) return false;
    this.#used.set(key, used + 1);
    return true;
  }
}
