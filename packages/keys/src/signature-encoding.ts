import { decodeHex } from "@symbiont/kit";
import { compareBigEndian, startsWith } from "./byte-string.ts";
import { KeysError } from "./error.ts";

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const HALF = 32;
const RAW_LENGTH = 64;

/** Order of P-256 (SP 800-186 section 3.2.1.3). */
const P256_ORDER = decodeHex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const P256_HALF_ORDER = decodeHex("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8");
/** Order of the Ed25519 base point, big-endian (RFC 8032 section 5.1). */
const ED25519_ORDER = decodeHex("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");

/** The eight points of small order in their canonical encoding. */
const SMALL_ORDER_POINTS = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
].map(decodeHex);

/**
 * Turns a DER signature into 64 bytes, r and s.
 * @throws KeysError `KEY_SIGNATURE_MALFORMED` unless it is strict DER (minimal lengths and integers, nothing
 * after the end) with r and s in [1, n-1].
 */
export function derToRaw(der: Uint8Array): Uint8Array {
  const raw = readDer(der);
  if (raw === undefined) throw malformed("DER");
  return raw;
}

/**
 * Turns 64 bytes, r and s, into the one DER form of the signature.
 * @throws KeysError `KEY_SIGNATURE_MALFORMED` unless r and s are in [1, n-1].
 */
export function rawToDer(raw: Uint8Array): Uint8Array {
  if (!isRawSignature(raw)) throw malformed("raw");
  const rLength = integerLength(raw, 0);
  const sLength = integerLength(raw, HALF);
  const der = new Uint8Array(6 + rLength + sLength);
  der[0] = SEQUENCE;
  der[1] = 4 + rLength + sLength;
  writeInteger(raw, 0, rLength, der, 2);
  writeInteger(raw, HALF, sLength, der, 4 + rLength);
  return der;
}

/** Tells whether these are 64 bytes with r and s in [1, n-1]. */
export function isRawSignature(raw: Uint8Array): boolean {
  return raw.length === RAW_LENGTH && isScalar(raw, 0) && isScalar(raw, HALF);
}

/** Tells whether this is the strict DER form of an ES256 signature. OpenSSL's parser is not asked. */
export function isDerSignature(der: Uint8Array): boolean {
  return readDer(der) !== undefined;
}

/**
 * Tells whether these are 64 bytes with S below the group order (RFC 8032 section 5.1.7 step 1) and an R that is
 * not of small order. RFC 8032 lets such an R pass, and so do runtimes up to Node 22; Web Cryptography and Node 24
 * refuse it. Refusing it here makes every engine and version answer alike; no honest signer emits one.
 */
export function isEd25519Signature(signature: Uint8Array): boolean {
  if (signature.length !== RAW_LENGTH) return false;
  if (SMALL_ORDER_POINTS.some((point) => startsWith(signature, point))) return false;
  return compareBigEndian(signature.subarray(HALF).toReversed(), ED25519_ORDER) < 0;
}

/** The twin of a raw ES256 signature whose s lies in the lower half; both verify. */
export function withLowS(raw: Uint8Array): Uint8Array {
  if (isLowHalf(raw)) return raw;
  const low = new Uint8Array(raw);
  let borrow = 0;
  for (let index = HALF - 1; index >= 0; index -= 1) {
    const difference = (P256_ORDER[index] ?? 0) - (raw[HALF + index] ?? 0) - borrow;
    borrow = difference < 0 ? 1 : 0;
    low[HALF + index] = difference;
  }
  return low;
}

function isLowHalf(raw: Uint8Array): boolean {
  for (let index = 0; index < HALF; index += 1) {
    const difference = (raw[HALF + index] ?? 0) - (P256_HALF_ORDER[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

/** Below 128 bytes of content, which two integers of 33 bytes never reach, DER has one-byte lengths only. */
function readDer(der: Uint8Array): Uint8Array | undefined {
  if (der[0] !== SEQUENCE || der[1] !== der.length - 2) return undefined;
  const raw = new Uint8Array(RAW_LENGTH);
  const middle = readInteger(der, 2, raw, 0);
  if (middle === 0 || readInteger(der, middle, raw, HALF) !== der.length) return undefined;
  return isRawSignature(raw) ? raw : undefined;
}

/** Copies a minimal, positive integer of at most 32 bytes to `raw`; gives the offset after it, 0 on refusal. */
function readInteger(der: Uint8Array, at: number, raw: Uint8Array, to: number): number {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  if (der[at] !== INTEGER || length === 0 || end > der.length) return 0;
  const first = der[at + 2] ?? 0;
  const second = der[at + 3] ?? 0;
  if (first >= 0x80) return 0;
  const isPadded = first === 0;
  if (isPadded && (length === 1 || second < 0x80)) return 0;
  const digits = length - (isPadded ? 1 : 0);
  if (digits > HALF) return 0;
  // Byte by byte: a view of so few bytes costs more than they do.
  for (let index = 1; index <= digits; index += 1) raw[to + HALF - index] = der[end - index] ?? 0;
  return end;
}

/** Bytes of the minimal, positive DER integer that the 32 bytes at an offset, which are not all zero, stand for. */
function integerLength(raw: Uint8Array, at: number): number {
  let zeros = 0;
  while (raw[at + zeros] === 0) zeros += 1;
  return HALF - zeros + ((raw[at + zeros] ?? 0) >= 0x80 ? 1 : 0);
}

function writeInteger(raw: Uint8Array, at: number, length: number, der: Uint8Array, to: number): void {
  der[to] = INTEGER;
  der[to + 1] = length;
  // With a padding byte there are at most 33, and the first stays zero.
  for (let index = 0; index < Math.min(length, HALF); index += 1)
    der[to + 1 + length - index] = raw[at + HALF - 1 - index] ?? 0;
}

/** Tells whether the 32 bytes at an offset are in [1, n-1]. */
function isScalar(raw: Uint8Array, at: number): boolean {
  let index = 0;
  while (index < HALF && raw[at + index] === P256_ORDER[index]) index += 1;
  // Equal to the order, or above it where they first differ.
  if (index === HALF || (raw[at + index] ?? 0) > (P256_ORDER[index] ?? 0)) return false;
  for (index = 0; index < HALF; index += 1) if (raw[at + index] !== 0) return true;
  return false;
}

function malformed(form: string): KeysError {
  return new KeysError("KEY_SIGNATURE_MALFORMED", `signature is not a strict ${form} ES256 signature`);
}
