import { encodeUtf8, isWellFormed } from "@symbiont/kit";
import { KeysError } from "./error.ts";

/** What is hashed, signed or verified: bytes, or text that stands for its UTF-8 form. */
export type Message = Uint8Array | string;

/**
 * The bytes of a message.
 * @throws KeysError `KEY_TEXT_INVALID` on a lone surrogate.
 * @throws TypeError when `data` is neither bytes nor text.
 */
export function messageBytes(data: Message): Uint8Array {
  const checked = checkMessage(data);
  return typeof checked === "string" ? encodeUtf8(checked) : checked;
}

/**
 * A message that the runtime can take as it is: its own conversion of text would replace a lone surrogate
 * by U+FFFD, so that two texts had one digest.
 */
export function checkMessage(data: Message): Message {
  if (isIllFormed(data)) throw new KeysError("KEY_TEXT_INVALID", "text holds a lone surrogate");
  if (typeof data !== "string" && !(data instanceof Uint8Array)) {
    throw new TypeError("data must be a Uint8Array or a string");
  }
  return data;
}

/** Tells whether this is text that has no UTF-8 form. */
export function isIllFormed(data: Message): boolean {
  return typeof data === "string" && !isWellFormed(data);
}
