import { KeyHash } from "./key-hash.ts";

const BUCKET = 8;
// With two buckets to choose from, keys at this fill never fail to find a slot (the tests fill a table to prove it).
const SLOTS_PER_KEY = 2;
const OVERFLOW_SLOTS = 65_536;

/**
 * Arrival times of many keys in a fixed amount of memory: no strings, no objects, no timers.
 *
 * A key is known by 64 bits of a seeded hash and lives in one of two buckets of eight slots. A slot whose times
 * have all passed equals an absent key, so it is simply taken over; a slot that still limits somebody never is.
 * When both buckets are full of such slots, the key shares one of 65,536 overflow slots with others: limited too
 * early at worst, never unlimited.
 *
 * A slot is 8 bytes of hash followed by its times, so that finding a key and changing it touch one cache line.
 */
export class KeyTable {
  /** The arrival times of a key stand here one after the other, in microseconds, from where `locate` says. */
  readonly times: Float64Array;
  readonly #hash = new KeyHash();
  readonly #hashes: Int32Array;
  readonly #width: number;
  readonly #stride: number;
  readonly #buckets: number;
  readonly #overflow: number;

  /** @param width arrival times per key. */
  constructor(maxKeys: number, width: number) {
    this.#width = width;
    this.#stride = width + 1;
    this.#buckets = Math.ceil((maxKeys * SLOTS_PER_KEY) / BUCKET);
    this.#overflow = this.#buckets * BUCKET * this.#stride;
    this.times = new Float64Array(this.#overflow + OVERFLOW_SLOTS * width);
    this.#hashes = new Int32Array(this.times.buffer);
  }

  /** Memory of the table, touched or not. */
  get bytes(): number {
    return this.times.byteLength;
  }

  /** Tells whether a position returned by `locate` is shared between keys. */
  isShared(position: number): boolean {
    return position >= this.#overflow;
  }

  /** Finds the position of a key's first arrival time in `times`, making room for it when it has none. */
  locate(key: string, nowUs: number): number {
    this.#hash.update(key);
    const { low, high } = this.#hash;
    const first = this.#bucket(low);
    const second = this.#bucket(high);
    const hashes = this.#hashes;
    const stride = this.#stride;
    const span = BUCKET * stride;
    for (let slot = first; slot < first + span; slot += stride)
      if (hashes[slot * 2] === low && hashes[slot * 2 + 1] === high) return slot + 1;
    for (let slot = second; slot < second + span; slot += stride)
      if (hashes[slot * 2] === low && hashes[slot * 2 + 1] === high) return slot + 1;
    return this.#claim(low, high, first, second, nowUs);
  }

  #claim(low: number, high: number, first: number, second: number, nowUs: number): number {
    const shared = this.#overflow + ((low ^ high) & (OVERFLOW_SLOTS - 1)) * this.#width;
    const idle = this.#idleSlots(first, nowUs);
    // While there is room in the first bucket, the second need not be searched for the keys that are there.
    const useFirst = idle >= BUCKET / 2 || idle >= this.#idleSlots(second, nowUs);
    const slot = this.#longestIdle(useFirst ? first : second);
    if (this.#latest(slot) > nowUs) return shared;
    this.#hashes[slot * 2] = low;
    this.#hashes[slot * 2 + 1] = high;
    // What the key may have used while it shared a slot is not forgotten when it gets one of its own.
    for (let index = 0; index < this.#width; index += 1)
      this.times[slot + 1 + index] = this.times[shared + index] as number;
    return slot + 1;
  }

  #idleSlots(bucket: number, nowUs: number): number {
    let idle = 0;
    for (let slot = bucket; slot < bucket + BUCKET * this.#stride; slot += this.#stride)
      if (this.#latest(slot) <= nowUs) idle += 1;
    return idle;
  }

  /** Taking the one that has been idle longest leaves the busy ones where they are found at once. */
  #longestIdle(bucket: number): number {
    let longest = bucket;
    for (let slot = bucket + this.#stride; slot < bucket + BUCKET * this.#stride; slot += this.#stride)
      if (this.#latest(slot) < this.#latest(longest)) longest = slot;
    return longest;
  }

  /** When the last of a slot's times has passed, the slot is as good as empty. */
  #latest(slot: number): number {
    let latest = this.times[slot + 1] as number;
    for (let index = slot + 2; index <= slot + this.#width; index += 1)
      latest = Math.max(latest, this.times[index] as number);
    return latest;
  }

  /** First slot of the bucket of a 32-bit hash, as an index of `times`. */
  #bucket(hash: number): number {
    return Math.floor(((hash >>> 0) * this.#buckets) / 2 ** 32) * BUCKET * this.#stride;
  }
}
