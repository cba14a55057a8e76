import { HmacKey, hmacSha256 } from "@symbiont/keys/hmac";
import { encodeHex } from "@symbiont/kit";

/** How a sensitive value is replaced. */
export type ReplacementOption =
  /** `[REDACTED:<name>]`. */
  | "label"
  /** The member or item is left out. */
  | "remove"
  /**
   * `[REDACTED:<name>:<8 hex>]`: the start of an HMAC-SHA-256 under a key of at least 32 bytes, so that equal
   * strings, numbers and booleans can be matched across records. Arrays and objects get the plain label.
   */
  | { readonly hmacKey: Uint8Array };

/** Stands for a member or item that is left out. */
export const REMOVED: unique symbol = Symbol("removed");

/** Makes the replacement of one sensitive value. `name` is already safe to show. */
export type Replace = (name: string, value: unknown) => string | typeof REMOVED;

/** @throws TypeError, RangeError when the option is wrong. */
export function createReplace(option: ReplacementOption = "label"): Replace {
  if (option === "label") return rememberedLabel();
  if (option === "remove") return () => REMOVED;
  if (!(typeof option === "object" && option !== null && option.hmacKey instanceof Uint8Array))
    throw new TypeError('replacement must be "label", "remove" or an object with hmacKey');
  if (option.hmacKey.length < 32)
    throw new RangeError(`replacement.hmacKey must be at least 32 bytes, got ${option.hmacKey.length}`);
  const key = new HmacKey(option.hmacKey);
  return (name, value) => {
    const text = scalarText(value);
    if (text === undefined) return label(name);
    const tag = encodeHex(hmacSha256(key, text).subarray(0, 4));
    return `[REDACTED:${name === "" ? "value" : name}:${tag}]`;
  };
}

const MAX_CACHED = 1_000;
const MAX_CACHED_LENGTH = 64;

/** Labels are asked for again and again, and a text that was put together is slow to write the first time. */
function rememberedLabel(): Replace {
  const labels = new Map<string, string>();
  return (name) => {
    const known = labels.get(name);
    if (known !== undefined) return known;
    const made = label(name);
    if (labels.size < MAX_CACHED && name.length <= MAX_CACHED_LENGTH) labels.set(name, made);
    return made;
  };
}

function label(name: string): string {
  return name === "" ? "[REDACTED]" : `[REDACTED:${name}]`;
}

/** A spelling in which the text "1" and the number 1 differ. */
function scalarText(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return `s:${value}`;
    case "number":
    case "boolean":
    case "bigint":
      return `v:${String(value)}`;
    case "object":
    case "undefined":
    case "function":
    case "symbol":
      return undefined;
    default:
      return undefined;
  }
}
