import { hkdfSync } from "node:crypto";

/** What {@link hkdf} derives a key from. */
export interface HkdfOptions {
  /** Random, not secret; may be empty when the input key is already uniform. */
  readonly salt: Uint8Array;
  /** Names the purpose, so that keys for different uses are independent. */
  readonly info: Uint8Array;
  /** Bytes to derive, 1 to 8160. Default 32. */
  readonly length?: number;
}

/**
 * Derives a key with HKDF-SHA-256 (RFC 5869). For secrets of full entropy only: a password needs Argon2id.
 * @throws RangeError when `inputKey` is shorter than 16 bytes or `length` is out of range.
 */
export function hkdf(inputKey: Uint8Array, options: HkdfOptions): Uint8Array {
  const length = options.length ?? 32;
  if (inputKey.length < 16) throw new RangeError("inputKey must be at least 16 bytes");
  if (!Number.isInteger(length) || length < 1 || length > 8160) {
    throw new RangeError(`length must be an integer from 1 to 8160, got ${length}`);
  }
  return new Uint8Array(hkdfSync("sha256", inputKey, options.salt, options.info, length));
}
