import { decodeUtf8 } from "./bytes.ts";
import { KitError } from "./error.ts";

/**
 * The text of an input that is not longer than so many bytes of UTF-8.
 * @throws KitError `JSON_TOO_LARGE`, `JSON_ILL_FORMED_TEXT`
 */
export function readText(input: string | Uint8Array, maxBytes: number): string {
  if (typeof input === "string") {
    // A UTF-16 code unit is one to three bytes of UTF-8, so only texts near the limit need counting.
    if (input.length > maxBytes || (input.length * 3 > maxBytes && utf8Length(input) > maxBytes))
      throw tooLarge(maxBytes);
    return input;
  }
  if (input.length > maxBytes) throw tooLarge(maxBytes);
  try {
    return decodeUtf8(input);
  } catch (cause) {
    throw new KitError("JSON_ILL_FORMED_TEXT", "text is not well-formed UTF-8", { cause });
  }
}

function tooLarge(maxBytes: number): KitError {
  return new KitError("JSON_TOO_LARGE", `text is longer than ${maxBytes} bytes`);
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) length += unit > 0x7ff && (unit & 0xf800) !== 0xd800 ? 2 : 1;
  }
  return length;
}
