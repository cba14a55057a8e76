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
  readonly #k0: number;
  readonly #k1: number;

  /** @param seed 64 bits, by default random. */
  constructor(seed: Int32Array = crypto.getRandomValues(new Int32Array(2))) {
    this.#k0 = seed[0] ?? 0;
    this.#k1 = seed[1] ?? 0;
  }

  /** Leaves the hash of `text` in `low` and `high`. */
  update(text: string): void {
    // The 0xff sets the two forms apart, so that no two texts are hashed as the same bytes.
    if (!this.#hash(text, 0)) this.#hash(twoBytesEach(text), 0xff);
  }

  /** Hashes one byte per character; tells whether every character was one. */
  #hash(bytes: string, form: number): boolean {
    const { length } = bytes;
    const whole = length & ~3;
    let seen = 0;
    // Without the "| 0" the compiler adds doubles in every round.
    let v0 = this.#k0 | 0;
    let v1 = this.#k1 ^ 0xee;
    let v2 = 0x6c796765 ^ this.#k0 ^ form;
    let v3 = 0x74656462 ^ this.#k1;
    // One round per word of the message, the last of which holds the length.
    for (let index = 0; index <= whole; index += 4) {
      let word = 0;
      if (index < whole) {
        const a = bytes.charCodeAt(index);
        const b = bytes.charCodeAt(index + 1);
        const c = bytes.charCodeAt(index + 2);
        const d = bytes.charCodeAt(index + 3);
        seen |= a | b | c | d;
        word = a | (b << 8) | (c << 16) | (d << 24);
      } else {
        word = length << 24;
        for (let rest = whole, shift = 0; rest < length; rest += 1, shift += 8) {
          const byte = bytes.charCodeAt(rest);
          seen |= byte;
          word |= byte << shift;
        }
      }
      v3 ^= word;
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
      v0 ^= word;
    }
    // Three rounds for each half of the result. The round stands here again: asking in one loop what to do costs more.
    v2 ^= 0xee;
    for (let round = 0; round < 6; round += 1) {
      if (round === 3) {
        this.low = v1 ^ v3;
        v1 ^= 0xdd;
      }
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
    this.high = v1 ^ v3;
    return seen < 0x100;
  }
}

/** The UTF-16 form of a text, one character per byte. */
function twoBytesEach(text: string): string {
  let bytes = "";
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    bytes += String.fromCharCode(unit & 0xff, unit >> 8);
  }
  return bytes;
}
