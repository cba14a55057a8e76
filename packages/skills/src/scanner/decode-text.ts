import { decodeUtf8, KitError } from "@symbiont/kit";
import { binaryKind } from "./binary-kind.ts";

/** What became of a file's bytes. */
export type DecodedFile =
  | { readonly kind: "text"; readonly text: string; readonly concern?: "encoding" | "disguise" }
  | { readonly kind: "binary" }
  | { readonly kind: "uncovered"; readonly why: "executable" | "archive" | "bytecode" | "binary" };

/**
 * Makes text of a file, by its bytes and not by its name. What is not sound UTF-8 is scanned too, one character a byte, and
 * reported.
 */
export function decodeFile(path: string, bytes: Uint8Array): DecodedFile {
  const kind = binaryKind(bytes);
  if (kind === "media") {
    // Interpreters pass over what they do not understand: a picture may be a script as well.
    if (hasMediaName(path)) return { kind: "binary" };
    return { kind: "text", text: byteText(bytes), concern: "disguise" };
  }
  if (kind !== undefined) return { kind: "uncovered", why: kind };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16(bytes.subarray(2), "utf-16le", undefined);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return utf16(bytes.subarray(2), "utf-16be", undefined);
  if (bytes.includes(0)) {
    const order = utf16Order(bytes);
    return order === undefined ? { kind: "uncovered", why: "binary" } : utf16(bytes, order, "encoding");
  }
  try {
    return { kind: "text", text: decodeUtf8(bytes) };
  } catch (error) {
    if (!KitError.is(error)) throw error;
    return { kind: "text", text: byteText(bytes), concern: "encoding" };
  }
}

function utf16(
  bytes: Uint8Array,
  order: "utf-16le" | "utf-16be",
  concern: "encoding" | undefined,
): DecodedFile {
  const text = new TextDecoder(order).decode(bytes);
  return { kind: "text", text, ...(concern === undefined ? {} : { concern }) };
}

/** Text of Western scripts has a zero in every other byte. */
function utf16Order(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (bytes.length % 2 !== 0) return undefined;
  let even = 0;
  let odd = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    if (bytes[at] === 0) even += 1;
    if (bytes[at + 1] === 0) odd += 1;
  }
  const half = bytes.length / 2;
  if (odd > half * 0.7 && even < half * 0.1) return "utf-16le";
  return even > half * 0.7 && odd < half * 0.1 ? "utf-16be" : undefined;
}

function byteText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}

function hasMediaName(path: string): boolean {
  return /\.(?:png|jpe?g|gif|webp|ico|bmp|tiff?|avif|heic|ttf|otf|ttc|woff2?|eot|pdf|mp3|mp4|m4a|mov|wav|ogg|webm|flac)$/i.test(
    path,
  );
}
