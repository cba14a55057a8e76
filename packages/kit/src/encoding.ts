import { decodeUtf8, encodeUtf8, isWellFormed } from "./bytes.ts";
import { KitError } from "./error.ts";

const HEX = "0123456789abcdef";
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE64URL_ONLY = /^[A-Za-z0-9_-]*$/;
const INVALID = 255;
/** Bytes that are written and read without a buffer of their own. */
const SCRATCH_LENGTH = 8_192;
/** Fewer bytes are written before the runtime has been called. */
const WORTH_A_CALL = 48;
/** Shorter texts are read before: the runtime is asked twice, and its answer copied. */
const WORTH_TWO_CALLS = 128;

const hexPairs: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => HEX.charAt(byte >> 4) + HEX.charAt(byte & 15),
);
const hexValues = valueTable(HEX);
const base64Values = valueTable(BASE64);
const base64UrlValues = valueTable(BASE64URL);

/** The part of Node's Buffer that is used, where the runtime has it: ten times as fast as what JavaScript can do. */
interface RuntimeBuffer {
  isEncoding(name: string): boolean;
  from(memory: ArrayBufferLike, offset: number, length: number): RuntimeBytes;
  /** Lenient: passes over characters that the encoding does not know. */
  from(text: string, encoding: "base64" | "base64url"): RuntimeBytes;
}

interface RuntimeBytes extends Uint8Array {
  toString(encoding?: "base64" | "base64url" | "utf8", start?: number, end?: number): string;
  write(text: string, encoding: "base64url" | "utf8"): number;
}

/** Writes bytes as lower-case hexadecimal. */
export function encodeHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += hexPairs[byte];
  return text;
}

/**
 * Reads hexadecimal. Only the one spelling that {@link encodeHex} writes is accepted.
 * @throws KitError `ENCODING_INVALID` on odd length, upper case or any other character.
 */
export function decodeHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw invalid("hexadecimal of odd length", text.length);
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    const high = valueAt(hexValues, text, index * 2);
    const low = valueAt(hexValues, text, index * 2 + 1);
    bytes[index] = (high << 4) | low;
  }
  return bytes;
}

/** Writes bytes as base64 with padding (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  const runtime = bytes.length < WORTH_A_CALL ? undefined : runtimeBuffer();
  if (runtime !== undefined) return view(runtime, bytes).toString("base64");
  const text = encodeSixBits(bytes, BASE64);
  return text + "=".repeat((4 - (text.length % 4)) % 4);
}

/**
 * Reads base64 with padding. Each byte string has exactly one accepted spelling: no white space, no missing
 * or extra padding, no stray bits in the last character, no URL-safe alphabet.
 * @throws KitError `ENCODING_INVALID`
 */
export function decodeBase64(text: string): Uint8Array {
  const bytes = decodeByRuntime(text, "base64");
  if (bytes !== undefined) return bytes;
  if (text.length % 4 !== 0) throw invalid("base64 whose length is not a multiple of four", text.length);
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return decodeSixBits(text, text.length - padding, base64Values);
}

/** Writes bytes as base64url without padding (RFC 4648 section 5). */
export function encodeBase64Url(bytes: Uint8Array): string {
  const runtime = bytes.length < WORTH_A_CALL ? undefined : runtimeBuffer();
  if (runtime !== undefined) return view(runtime, bytes).toString("base64url");
  return encodeSixBits(bytes, BASE64URL);
}

/**
 * Reads base64url without padding; each byte string has exactly one accepted spelling.
 * @throws KitError `ENCODING_INVALID`
 */
export function decodeBase64Url(text: string): Uint8Array {
  return decodeByRuntime(text, "base64url") ?? decodeSixBits(text, text.length, base64UrlValues);
}

/** Undefined where there is no such runtime, and for every text but the one that it would write itself. */
function decodeByRuntime(text: string, encoding: "base64" | "base64url"): Uint8Array | undefined {
  if (text.length < WORTH_TWO_CALLS) return undefined;
  const read = runtimeBuffer()?.from(text, encoding);
  if (read === undefined || read.toString(encoding) !== text) return undefined;
  // What the runtime gives may be part of a block that others share: a key must not stay there.
  const own = new Uint8Array(read);
  read.fill(0);
  return own;
}

/** Replacements of Buffer for browsers do not know base64url. */
function runtimeBuffer(): RuntimeBuffer | undefined {
  const { Buffer } = globalThis as { Buffer?: RuntimeBuffer };
  return Buffer?.isEncoding("base64url") === true ? Buffer : undefined;
}

function view(runtime: RuntimeBuffer, { buffer, byteOffset, length }: Uint8Array): RuntimeBytes {
  return runtime.from(buffer, byteOffset, length);
}

/**
 * Reads base64url without padding that stands for text in UTF-8, as the parts of a JSON Web Token do.
 * @throws KitError `ENCODING_INVALID`; with an `offset` when it is no base64url, without when the bytes are no UTF-8.
 */
export function decodeBase64UrlText(text: string): string {
  const decoded = isCanonicalBase64Url(text) ? decodeTextByRuntime(text) : undefined;
  // U+FFFD is written for what is no UTF-8; it may also have been meant.
  return decoded === undefined || decoded.includes("\ufffd") ? decodeUtf8(decodeBase64Url(text)) : decoded;
}

/** Of nobody else, unlike the block that the runtime takes short buffers from: what is text stays in memory anyway. */
let scratch: RuntimeBytes | undefined;

function scratchOf(runtime: RuntimeBuffer): RuntimeBytes {
  scratch ??= runtime.from(new ArrayBuffer(SCRATCH_LENGTH), 0, SCRATCH_LENGTH);
  return scratch;
}

function decodeTextByRuntime(text: string): string | undefined {
  const runtime = runtimeBuffer();
  if (runtime === undefined || text.length > SCRATCH_LENGTH) return undefined;
  const bytes = scratchOf(runtime);
  return bytes.toString("utf8", 0, bytes.write(text, "base64url"));
}

/** Tells whether this is how bytes are written: only then does the runtime, which is lenient, read nothing else into it. */
function isCanonicalBase64Url(text: string): boolean {
  if (!BASE64URL_ONLY.test(text)) return false;
  const last = base64UrlValues[text.charCodeAt(text.length - 1)] ?? 0;
  // What the last character has beyond the last byte must be nothing.
  const left = text.length % 4;
  return left === 0 || (left === 2 && (last & 15) === 0) || (left === 3 && (last & 3) === 0);
}

/**
 * Writes the UTF-8 form of text as base64url without padding.
 * @throws KitError `ENCODING_INVALID` when the text holds a lone surrogate.
 */
export function encodeBase64UrlText(text: string): string {
  const runtime = runtimeBuffer();
  // A UTF-16 code unit is at most three bytes of UTF-8.
  if (runtime === undefined || text.length * 3 > SCRATCH_LENGTH || !isWellFormed(text))
    return encodeBase64Url(encodeUtf8(text));
  const bytes = scratchOf(runtime);
  return bytes.toString("base64url", 0, bytes.write(text, "utf8"));
}

function valueTable(alphabet: string): Uint8Array {
  const values = new Uint8Array(128).fill(INVALID);
  for (let index = 0; index < alphabet.length; index += 1) values[alphabet.charCodeAt(index)] = index;
  return values;
}

function valueAt(values: Uint8Array, text: string, offset: number): number {
  const value = values[text.charCodeAt(offset)] ?? INVALID;
  if (value === INVALID) throw invalid("a character outside the alphabet", offset);
  return value;
}

function encodeSixBits(bytes: Uint8Array, alphabet: string): string {
  let text = "";
  let index = 0;
  for (; index + 2 < bytes.length; index += 3) {
    const group = ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    text +=
      alphabet.charAt(group >> 18) +
      alphabet.charAt((group >> 12) & 63) +
      alphabet.charAt((group >> 6) & 63) +
      alphabet.charAt(group & 63);
  }
  const left = bytes.length - index;
  if (left > 0) {
    const group = ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8);
    text += alphabet.charAt(group >> 18) + alphabet.charAt((group >> 12) & 63);
    if (left === 2) text += alphabet.charAt((group >> 6) & 63);
  }
  return text;
}

function decodeSixBits(text: string, length: number, values: Uint8Array): Uint8Array {
  const left = length % 4;
  if (left === 1) throw invalid("an impossible length", length);
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let out = 0;
  let group = 0;
  for (let index = 0; index < length; index += 1) {
    group = (group << 6) | valueAt(values, text, index);
    if (index % 4 === 3) {
      bytes[out] = group >> 16;
      bytes[out + 1] = group >> 8;
      bytes[out + 2] = group;
      out += 3;
      group = 0;
    }
  }
  if (left === 2) {
    if ((group & 15) !== 0) throw invalid("stray bits in the last character", length - 1);
    bytes[out] = group >> 4;
  } else if (left === 3) {
    if ((group & 3) !== 0) throw invalid("stray bits in the last character", length - 1);
    bytes[out] = group >> 10;
    bytes[out + 1] = group >> 2;
  }
  return bytes;
}

function invalid(what: string, offset: number): KitError {
  return new KitError("ENCODING_INVALID", `encoded text has ${what}`, { offset });
}
