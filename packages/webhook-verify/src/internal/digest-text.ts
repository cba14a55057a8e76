import { decodeBase64, decodeBase64Url, decodeHex, encodeBase64, encodeHex } from "@symbiont/kit";
import { runtimeBuffer } from "./runtime-buffer.ts";

/** How a digest or signature is written. */
export type DigestEncoding = "hex" | "base64";

const HEX = /^[0-9A-Fa-f]*$/;

/** Reads a digest of exactly `length` bytes; hex in either case. Undefined when the text is anything else. */
export function decodeDigest(text: string, encoding: DigestEncoding, length: number): Uint8Array | undefined {
  if (text.length !== (encoding === "hex" ? length * 2 : Math.ceil(length / 3) * 4)) return undefined;
  const bytes = decodeBytes(text, encoding);
  return bytes?.length === length ? bytes : undefined;
}

/** Reads bytes; hex in either case, base64 padded. Undefined when the text is not in the one accepted spelling. */
export function decodeBytes(text: string, encoding: DigestEncoding | "base64url"): Uint8Array | undefined {
  const runtime = runtimeBuffer();
  if (runtime === undefined) return decodeStrictly(text, encoding);
  // Hex is checked before and base64 after, because the runtime's reader passes over what it does not know.
  if (encoding === "hex")
    return text.length % 2 === 0 && HEX.test(text) ? runtime.from(text, "hex") : undefined;
  const bytes = runtime.from(text, encoding);
  return bytes.toString(encoding) === text ? bytes : undefined;
}

function decodeStrictly(text: string, encoding: DigestEncoding | "base64url"): Uint8Array | undefined {
  try {
    if (encoding === "hex") return decodeHex(text.toLowerCase());
    return encoding === "base64" ? decodeBase64(text) : decodeBase64Url(text);
  } catch {
    return undefined;
  }
}

/** Writes a digest; hex in lower case. */
export function encodeDigest(bytes: Uint8Array, encoding: DigestEncoding): string {
  return encoding === "hex" ? encodeHex(bytes) : encodeBase64(bytes);
}
