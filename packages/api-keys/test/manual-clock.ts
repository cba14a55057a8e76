/** A clock that stands still until it is told otherwise. */
export class ManualClock {
  #now = 1_800_000_000_000;

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}
