// Longer keys get a buffer of their own for the moment.
const MAX_BUFFERED = 64;

/**
 * HalfSipHash-1-3 with a 64-bit result, what the Linux kernel takes for its hash tables. Keyed, so that nobody outside
 * the process can choose keys that meet in one slot; not for signatures. Text of characters below U+0100 is hashed as
 * one byte each, other text as UTF-16 in little-endian order.
 *
 * @see https://github.com/veorq/SipHash halfsiphash.c
 * @see https://docs.kernel.org/security/siphash.html
 */
export class KeyHash {
  /** First 32 bits of the last result, signed: that keeps it a small integer. */
  low = 0;
  /** Second 32 bits of the last result. */
  high = 0;
  readonly #words: Int32Array = new Int32Array(MAX_BUFFERED / 2 + 1);
  readonly #k0: number;
  readonly #k1: number;
  readonly #wordRounds: number;
  readonly #finalRounds: number;

  /** @param seed 64 bits, by default random. */
  constructor(seed: Int32Array = crypto.getRandomValues(new Int32Array(2)), wordRounds = 1, finalRounds = 3) {
    this.#k0 = seed[0] ?? 0;
    this.#k1 = seed[1] ?? 0;
    this.#wordRounds = wordRounds;
    this.#finalRounds = finalRounds;
  }

  /** Leaves the hash of `text` in `low` and `high`. */
  update(text: string): void {
    const words = text.length > MAX_BUFFERED ? new Int32Array(text.length / 2 + 1) : this.#words;
    let length = packBytes(text, words);
    let v2 = 0x6c796765 ^ this.#k0;
    if (length === 0) {
      length = packUnits(text, words);
      // Set apart, so that no two texts are hashed as the same bytes.
      v2 ^= 0xff;
    }
    let v0 = this.#k0;
    let v1 = this.#k1 ^ 0xee;
    let v3 = 0x74656462 ^ this.#k1;
    // The words of the message, then an empty one for each half of the result.
    for (let index = 0; index < length + 2; index += 1) {
      const final = index >= length;
      const word = final ? 0 : (words[index] as number);
      if (index === length) v2 ^= 0xee;
      if (index > length) {
        this.low = v1 ^ v3;
        v1 ^= 0xdd;
      }
      v3 ^= word;
      for (let round = final ? this.#finalRounds : this.#wordRounds; round > 0; round -= 1) {
        v0 = (v0 + v1) | 0;
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
        v0 = (v0 << 16) | (v0 >>> 16);
        v2 = (v2 + v3) | 0;
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
        v0 = (v0 + v3) | 0;
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
        v2 = (v2 + v1) | 0;
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
        v2 = (v2 << 16) | (v2 >>> 16);
      }
      v0 ^= word;
    }
    this.high = v1 ^ v3;
  }
}

/** Packs four characters to a word, and the length into the last; gives the number of words, 0 when it cannot. */
function packBytes(text: string, words: Int32Array): number {
  const { length } = text;
  const whole = length & ~3;
  let count = 0;
  let bits = 0;
  let index = 0;
  for (; index < whole; index += 4) {
    const a = text.charCodeAt(index);
    const b = text.charCodeAt(index + 1);
    const c = text.charCodeAt(index + 2);
    const d = text.charCodeAt(index + 3);
    bits |= a | b | c | d;
    words[count++] = a | (b << 8) | (c << 16) | (d << 24);
  }
  let last = length << 24;
  for (let shift = 0; index < length; index += 1, shift += 8) {
    const unit = text.charCodeAt(index);
    bits |= unit;
    last |= unit << shift;
  }
  words[count++] = last;
  return bits < 0x100 ? count : 0;
}

/** Packs two code units to a word. */
function packUnits(text: string, words: Int32Array): number {
  const { length } = text;
  let count = 0;
  for (let index = 0; index + 1 < length; index += 2)
    words[count++] = text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16);
  words[count++] = ((length * 2) << 24) | ((length & 1) === 1 ? text.charCodeAt(length - 1) : 0);
  return count;
}
