import { nodeCrypto } from "./node-modules.ts";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** The largest multiple of 62 that a byte reaches: bytes from here on would favour some characters. */
const UNBIASED = 248;

/** Random text over `0-9A-Za-z`, every character equally likely. */
export function randomBase62(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of nodeCrypto().randomBytes(length + 8)) {
      if (byte < UNBIASED && text.length < length) text += ALPHABET.charAt(byte % 62);
    }
  }
  return text;
}

/** Writes an unsigned 32-bit number as six characters, most significant first. */
export function encodeBase62(value: number): string {
  let text = "";
  for (let rest = value; text.length < 6; rest = Math.floor(rest / 62))
    text = ALPHABET.charAt(rest % 62) + text;
  return text;
}
