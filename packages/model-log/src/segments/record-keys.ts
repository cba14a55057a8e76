import { hash } from "node:crypto";

const LABEL = Buffer.from("model-log/1/record\0");
const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const SEGMENT_BYTES = 16;
const NUMBER_BYTES = 8;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const INFO_BYTES = LABEL.length + SEGMENT_BYTES + NUMBER_BYTES;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/** What one record is sealed with. */
export interface CipherKeys {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

// One after the other, never across an await; wiped after use.
const inner = Buffer.alloc(BLOCK_BYTES + HASH_BYTES + INFO_BYTES + 1);
const outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);

/**
 * Derives key and nonce of a record: HKDF-SHA-256 (RFC 5869) with the record's salt over `model-log/1/record`, segment and
 * sequence. Out of one-shot hashes, which take half the time of the runtime's own HKDF; every record pays for this.
 * @param segment 16 bytes.
 */
export function recordKeys(
  dek: Uint8Array,
  { segment, sequence }: { readonly segment: Uint8Array; readonly sequence: number },
  salt: Uint8Array,
): CipherKeys {
  if (dek.length !== KEY_BYTES || segment.length !== SEGMENT_BYTES || salt.length > BLOCK_BYTES)
    throw new RangeError("a record's key needs 32 bytes of key, 16 of segment and at most 64 of salt");
  inner.set(dek, BLOCK_BYTES);
  const extracted = hmac(salt, KEY_BYTES);
  const first = expand(extracted, { segment, sequence }, 0);
  inner.set(first, BLOCK_BYTES);
  const second = expand(extracted, { segment, sequence }, HASH_BYTES);
  inner.fill(0);
  outer.fill(0);
  extracted.fill(0);
  return { key: first, nonce: second.subarray(0, NONCE_BYTES) };
}

/** One block of output; `before` bytes of the block before it stand in front already. */
function expand(
  extracted: Uint8Array,
  { segment, sequence }: { readonly segment: Uint8Array; readonly sequence: number },
  before: number,
): Buffer {
  let at = BLOCK_BYTES + before;
  inner.set(LABEL, at);
  at += LABEL.length;
  inner.set(segment, at);
  at += SEGMENT_BYTES;
  inner.writeUInt32BE(Math.floor(sequence / 2 ** 32), at);
  inner.writeUInt32BE(sequence % 2 ** 32, at + 4);
  at += NUMBER_BYTES;
  inner[at] = before === 0 ? 1 : 2;
  return hmac(extracted, at + 1 - BLOCK_BYTES);
}

/** HMAC-SHA-256 over so many bytes that stand in `inner` behind the first block. */
function hmac(key: Uint8Array, length: number): Buffer {
  for (let index = 0; index < BLOCK_BYTES; index += 1) {
    const byte = index < key.length ? (key[index] as number) : 0;
    inner[index] = byte ^ INNER_PAD;
    outer[index] = byte ^ OUTER_PAD;
  }
  outer.set(hash("sha256", inner.subarray(0, BLOCK_BYTES + length), "buffer"), BLOCK_BYTES);
  return hash("sha256", outer, "buffer");
}
