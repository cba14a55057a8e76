import { KeyHash } from "./key-hash.ts";

const BUCKET = 8;
// With two buckets to choose from, and others that can move to theirs, keys at this fill find a slot of their own.
const SLOTS_PER_KEY = 2;
const MAX_COLUMNS = 128;
const OVERFLOW_SLOTS = 65_536;
/** The time since which slots are idle that nobody has used. */
const NEVER_USED = 0;

/**
 * Arrival times of many keys in a bounded amount of memory: no strings, no objects, no timers.
 *
 * A key is known by 64 bits of a seeded hash and lives in one of two buckets of eight slots. A slot whose times
 * have all passed equals an absent key, so it is simply taken over; a slot that still limits somebody never is.
 * When both buckets are full of such slots, the key shares one of 65,536 overflow slots with others: limited too
 * early at worst, never unlimited.
 *
 * The memory is set aside at once, but only as many buckets are touched as the keys need: a key that finds its buckets
 * crowded splits one bucket, the next in line, into two (linear hashing). So a few keys stay close together, where
 * finding them is cheap, and growing never takes long.
 *
 * A slot is 8 bytes of hash followed by its times, so that finding a key and changing it touch one cache line.
 *
 * @see W. Litwin, Linear hashing: a new tool for file and table addressing, VLDB 1980
 */
export class KeyTable {
  /** The arrival times of a key stand here one after the other, in microseconds, from where `locate` says. */
  readonly times: Float64Array;
  readonly #hash = new KeyHash();
  readonly #hashes: Int32Array;
  readonly #width: number;
  readonly #stride: number;
  readonly #span: number;
  readonly #columns: number;
  readonly #maxBuckets: number;
  readonly #overflow: number;
  #buckets: number;
  /** Number of the last row of buckets, as if the row were full and their number a power of two. */
  #lastRow = 0;

  /** @param width arrival times per key. */
  constructor(maxKeys: number, width: number) {
    this.#width = width;
    this.#stride = width + 1;
    this.#span = BUCKET * this.#stride;
    // Rows of buckets are added until there are a power of two of them: then no bucket serves more keys than another.
    let columns = Math.ceil((maxKeys * SLOTS_PER_KEY) / BUCKET);
    let rows = 1;
    for (; columns > MAX_COLUMNS; rows *= 2) columns = Math.ceil(columns / 2);
    this.#columns = columns;
    this.#buckets = columns;
    this.#maxBuckets = columns * rows;
    this.#overflow = this.#maxBuckets * this.#span;
    this.times = new Float64Array(this.#overflow + OVERFLOW_SLOTS * width);
    this.#hashes = new Int32Array(this.times.buffer);
  }

  /** Memory of the table, touched or not. */
  get bytes(): number {
    return this.times.byteLength;
  }

  /** Memory of the buckets in use. */
  get usedBytes(): number {
    return this.#buckets * this.#span * Float64Array.BYTES_PER_ELEMENT;
  }

  /** Tells whether a position returned by `locate` is shared between keys. */
  isShared(position: number): boolean {
    return position >= this.#overflow;
  }

  /** Finds the position of a key's first arrival time in `times`, making room for it when it has none. */
  locate(key: string, nowUs: number): number {
    this.#hash.update(key);
    const { low, high } = this.#hash;
    const first = this.#find(this.#bucket(low), low, high);
    if (first >= 0) return first;
    const second = this.#find(this.#bucket(high), low, high);
    return second >= 0 ? second : this.#claim(low, high, nowUs);
  }

  #find(bucket: number, low: number, high: number): number {
    const hashes = this.#hashes;
    const stride = this.#stride;
    for (let slot = bucket, end = bucket + this.#span; slot < end; slot += stride)
      if (hashes[slot * 2] === low && hashes[slot * 2 + 1] === high) return slot + 1;
    return -1;
  }

  #claim(low: number, high: number, nowUs: number): number {
    let bucket = this.#roomier(low, high, NEVER_USED);
    let unused = this.#idleSlots(bucket, NEVER_USED);
    if (unused < BUCKET / 2) {
      while (this.#split()) {
        bucket = this.#roomier(low, high, NEVER_USED);
        unused = this.#idleSlots(bucket, NEVER_USED);
        if (unused > 0) break;
      }
    }
    // The table has its full size: what is idle is taken over.
    if (unused === 0) bucket = this.#roomier(low, high, nowUs);
    const shared = this.#overflow + ((low ^ high) & (OVERFLOW_SLOTS - 1)) * this.#width;
    const slot = this.#idleSlot(bucket, nowUs) ?? this.#makeRoom(low, high, nowUs);
    if (slot === undefined) return shared;
    this.#hashes[slot * 2] = low;
    this.#hashes[slot * 2 + 1] = high;
    // What the key may have used while it shared a slot is not forgotten when it gets one of its own.
    for (let index = 0; index < this.#width; index += 1)
      this.times[slot + 1 + index] = this.times[shared + index] as number;
    return slot + 1;
  }

  /** While there is room in the first bucket, the second need not be searched for the keys that are there. */
  #roomier(low: number, high: number, nowUs: number): number {
    const first = this.#bucket(low);
    const idle = this.#idleSlots(first, nowUs);
    if (idle >= BUCKET / 2) return first;
    const second = this.#bucket(high);
    return idle >= this.#idleSlots(second, nowUs) ? first : second;
  }

  #idleSlots(bucket: number, nowUs: number): number {
    let idle = 0;
    for (let slot = bucket; slot < bucket + this.#span; slot += this.#stride)
      if (this.#latest(slot) <= nowUs) idle += 1;
    return idle;
  }

  /** Makes a slot idle in one of a key's buckets, by moving one that also has a place in its other bucket. */
  #makeRoom(low: number, high: number, nowUs: number): number | undefined {
    for (const bucket of [this.#bucket(low), this.#bucket(high)]) {
      for (let slot = bucket; slot < bucket + this.#span; slot += this.#stride) {
        const byLow = this.#bucket(this.#hashes[slot * 2] as number);
        const other = byLow === bucket ? this.#bucket(this.#hashes[slot * 2 + 1] as number) : byLow;
        const idle = other === bucket ? undefined : this.#idleSlot(other, nowUs);
        if (idle === undefined) continue;
        this.times.copyWithin(idle, slot, slot + this.#stride);
        return slot;
      }
    }
    return undefined;
  }

  #idleSlot(bucket: number, nowUs: number): number | undefined {
    const slot = this.#longestIdle(bucket);
    return this.#latest(slot) <= nowUs ? slot : undefined;
  }

  /** Taking the one that has been idle longest leaves the busy ones where they are found at once. */
  #longestIdle(bucket: number): number {
    let longest = bucket;
    for (let slot = bucket + this.#stride; slot < bucket + this.#span; slot += this.#stride)
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
    const columns = this.#columns;
    const column = Math.imul(hash >>> 16, columns) >>> 16;
    const bucket = Math.imul(hash & this.#lastRow, columns) + column;
    // The first bit of the row counts only where the split has already been.
    const row = bucket < this.#buckets ? this.#lastRow : this.#lastRow >>> 1;
    return Math.imul(Math.imul(hash & row, columns) + column, this.#span);
  }

  /** Adds a bucket and moves to it those slots of the bucket it splits that belong there now; false at the maximum. */
  #split(): boolean {
    if (this.#buckets === this.#maxBuckets) return false;
    if (this.#buckets === (this.#lastRow + 1) * this.#columns) this.#lastRow = this.#lastRow * 2 + 1;
    const from = (this.#buckets - ((this.#lastRow + 1) / 2) * this.#columns) * this.#span;
    const to = this.#buckets * this.#span;
    this.#buckets += 1;
    for (let slot = from; slot < from + this.#span; slot += this.#stride) {
      const byLow = this.#bucket(this.#hashes[slot * 2] as number);
      const byHigh = this.#bucket(this.#hashes[slot * 2 + 1] as number);
      if (byLow === from || byHigh === from) continue;
      this.times.copyWithin(slot - from + to, slot, slot + this.#stride);
      this.times.fill(0, slot, slot + this.#stride);
    }
    return true;
  }
}
