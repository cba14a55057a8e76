import type { UidLease } from "./uid-lease.ts";

/** How long a lease is kept for the next run: to lease anew takes milliseconds. */
const KEEP_MS = 2_000;

interface IdleLease {
  readonly lease: UidLease;
  readonly since: number;
}

/** All that hold a lease, so that one tier does not keep from another what it does not use. */
const holders = new Set<IdleLeases>();

/** Leases that nobody uses at the moment, for a short while. */
export class IdleLeases {
  /** The one that was used last is the last. */
  #idle: IdleLease[] = [];
  #isLooking = false;

  /** Gives back every idle lease of this process. */
  static releaseAll(): void {
    for (const holder of holders) holder.#releaseBefore(Number.POSITIVE_INFINITY);
  }

  add(lease: UidLease): void {
    this.#idle.push({ lease, since: performance.now() });
    holders.add(this);
    if (!this.#isLooking) this.#lookLater();
  }

  /** The one that was used last and will do, so that those that are not needed grow old. */
  take(willDo: (lease: UidLease) => boolean): UidLease | undefined {
    const index = this.#idle.findLastIndex(({ lease }) => willDo(lease));
    return index < 0 ? undefined : this.#idle.splice(index, 1)[0]?.lease;
  }

  #lookLater(): void {
    this.#isLooking = true;
    setTimeout(() => this.#look(), KEEP_MS).unref();
  }

  #look(): void {
    this.#isLooking = false;
    this.#releaseBefore(performance.now() - KEEP_MS);
    if (this.#idle.length > 0) this.#lookLater();
  }

  #releaseBefore(instant: number): void {
    for (const { lease } of this.#idle.filter(({ since }) => since <= instant)) lease.release();
    this.#idle = this.#idle.filter(({ since }) => since > instant);
    if (this.#idle.length === 0) holders.delete(this);
  }
}
