import { KeyHash } from "./key-hash.ts";

/** A refusal that is known to last. */
export interface KnownDenial {
  readonly cost: number;
  readonly arrivals: readonly number[];
  readonly untilUs: number;
}

const MAX_DENIALS = 10_000;
const LONGEST_US = 10_000_000;

/**
 * Remembers refusals for as long as they are sure to last, at most ten seconds, so that a client that hammers away
 * costs no call to the store. Holds 53 bits of a seeded hash instead of the key.
 */
export class DenialCache {
  readonly #hash = new KeyHash();
  readonly #denials = new Map<number, KnownDenial>();

  find(key: string, cost: number, nowUs: number): KnownDenial | undefined {
    if (this.#denials.size === 0) return undefined;
    const id = this.#id(key);
    const denial = this.#denials.get(id);
    if (denial === undefined || cost < denial.cost) return undefined;
    if (nowUs < denial.untilUs) return denial;
    this.#denials.delete(id);
    return undefined;
  }

  /** @param untilUs when the cost may fit again, not later than that. */
  add(key: string, cost: number, arrivals: readonly number[], nowUs: number, untilUs: number): void {
    const id = this.#id(key);
    this.#denials.delete(id);
    if (this.#denials.size >= MAX_DENIALS) {
      // Forgetting one only costs a call.
      const [oldest] = this.#denials.keys();
      this.#denials.delete(oldest as number);
    }
    this.#denials.set(id, { cost, arrivals, untilUs: Math.min(untilUs, nowUs + LONGEST_US) });
  }

  /** Takes over newer arrival times. They only ever move away: what gives units back forgets the refusal. */
  refresh(key: string, arrivals: readonly number[]): void {
    if (this.#denials.size === 0) return;
    const id = this.#id(key);
    const denial = this.#denials.get(id);
    if (denial !== undefined) this.#denials.set(id, { ...denial, arrivals });
  }

  delete(key: string): void {
    if (this.#denials.size > 0) this.#denials.delete(this.#id(key));
  }

  #id(key: string): number {
    this.#hash.update(key);
    return (this.#hash.high & 0x1fffff) * 2 ** 32 + (this.#hash.low >>> 0);
  }
}
