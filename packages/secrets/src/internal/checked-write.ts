import { canonicalJson, encodeUtf8, isWellFormed } from "@symbiont/kit";
import type { SecretWrite } from "../backend.ts";
import { SecretError } from "../errors.ts";
import type { SetOptions } from "../store.ts";

const MAX_VALUE_BYTES = 1 << 20;
const MAX_NOTES_BYTES = 4096;

/**
 * Makes the write of a value and its options, all checked. The value is a copy, which the caller zeroes.
 * @throws SecretError `SECRET_VALUE_INVALID`, `SECRET_TOO_LARGE`; TypeError or RangeError for a wrong option.
 */
export function checkedWrite(name: string, value: string | Uint8Array, options: SetOptions): SecretWrite {
  const { ifVersion, expiresAt, rotateAfter, notes } = options;
  return {
    ...(ifVersion !== undefined && { ifVersion: wholeNumber("ifVersion", ifVersion) }),
    ...(expiresAt !== undefined && { expiresAt: wholeNumber("expiresAt", expiresAt) }),
    ...(rotateAfter !== undefined && { rotateAfter: wholeNumber("rotateAfter", rotateAfter) }),
    ...(notes !== undefined && { notes: checkedNotes(notes) }),
    text: typeof value === "string",
    value: checkedValue(name, value),
  };
}

/** @throws RangeError unless it is a whole number from 0 to 2^53 - 1. */
export function wholeNumber(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`${option} must be a whole number of at least 0`);
}

function checkedValue(name: string, value: string | Uint8Array): Uint8Array {
  const isText = typeof value === "string";
  if (!isText && !(value instanceof Uint8Array))
    throw new SecretError("SECRET_VALUE_INVALID", "the value must be a string or bytes", { secret: name });
  if (isText && !isWellFormed(value))
    throw new SecretError("SECRET_VALUE_INVALID", "the value is not well-formed Unicode", { secret: name });
  const bytes = isText ? encodeUtf8(value) : Uint8Array.from(value);
  if (bytes.length <= MAX_VALUE_BYTES) return bytes;
  bytes.fill(0);
  throw new SecretError("SECRET_TOO_LARGE", `the value is larger than ${MAX_VALUE_BYTES} bytes`, {
    secret: name,
  });
}

function checkedNotes(notes: SetOptions["notes"] & object): SetOptions["notes"] & object {
  let text: string;
  try {
    text = canonicalJson(notes);
  } catch (cause) {
    throw new TypeError("notes must be a plain JSON object", { cause });
  }
  if (Array.isArray(notes) || !text.startsWith("{")) throw new TypeError("notes must be a plain JSON object");
  if (text.length > MAX_NOTES_BYTES)
    throw new RangeError(`notes must not be longer than ${MAX_NOTES_BYTES} characters`);
  return JSON.parse(text) as SetOptions["notes"] & object;
}
