import { KitError } from "./error.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Tells whether `text` has no lone surrogate, so that its UTF-8 form stands for exactly this text. */
export function isWellFormed(text: string): boolean {
  // The runtime's own test, where it has one, is many times faster.
  const { isWellFormed: own } = text as { isWellFormed?: () => boolean };
  return own === undefined ? !LONE_SURROGATE.test(text) : own.call(text);
}

/**
 * Encodes text as UTF-8.
 * @throws KitError `ENCODING_INVALID` when the text holds a lone surrogate, which UTF-8 cannot carry.
 */
export function encodeUtf8(text: string): Uint8Array {
  if (!isWellFormed(text)) {
    const offset = text.search(LONE_SURROGATE);
    throw new KitError("ENCODING_INVALID", "text holds a lone surrogate", { offset });
  }
  return encoder.encode(text);
}

/**
 * Decodes UTF-8. A byte order mark is kept as U+FEFF, so that the caller decides about it.
 * @throws KitError `ENCODING_INVALID` when the bytes are not well-formed UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new KitError("ENCODING_INVALID", "bytes are not well-formed UTF-8");
  }
}

/** Joins byte arrays into one new array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
