import { KitError } from "./error.ts";

/** How {@link canonicalJson} treats values that JSON cannot carry. */
export interface CanonicalJsonOptions {
  /** Deepest accepted nesting of arrays and objects. Default 64. */
  readonly maxDepth?: number;
  /** Members whose value is `undefined`: leave them out, as `JSON.stringify` does, or refuse. Default `"drop"`. */
  readonly undefinedMembers?: "drop" | "refuse";
}

const DEFAULT_MAX_DEPTH = 64;

/**
 * Writes a value as canonical JSON (RFC 8785, JCS): equal values give equal text.
 *
 * Only plain data is accepted: null, booleans, finite numbers, well-formed strings, dense arrays, and objects
 * whose prototype is `Object.prototype` or null. Object getters, `toJSON`, class instances, `Map`, `Date`,
 * bigint, functions, symbols and cycles are refused rather than guessed at.
 *
 * @throws KitError `CANONICAL_UNSUPPORTED_VALUE`, `CANONICAL_ILL_FORMED_TEXT`, `CANONICAL_TOO_DEEP` (cycles too).
 * @see RFC 8785 section 3.2
 */
export function canonicalJson(value: unknown, options: CanonicalJsonOptions = {}): string {
  return write(value, options.maxDepth ?? DEFAULT_MAX_DEPTH, options.undefinedMembers === "refuse");
}

function write(value: unknown, depth: number, refuseUndefined: boolean): string {
  switch (typeof value) {
    case "string":
      return quoteJsonString(value);
    case "number":
      if (!Number.isFinite(value)) throw unsupported("a number that is not finite");
      return String(value); // -0 becomes "0", as the RFC asks
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      if (depth === 0)
        throw new KitError("CANONICAL_TOO_DEEP", "value is nested too deeply or refers to itself");
      if (Array.isArray(value)) return writeArray(value, depth - 1, refuseUndefined);
      return writeObject(value as Record<string, unknown>, depth - 1, refuseUndefined);
    case "undefined":
    case "bigint":
    case "function":
    case "symbol":
      throw unsupported(typeof value);
    default:
      throw unsupported("an unknown type");
  }
}

function writeArray(items: readonly unknown[], depth: number, refuseUndefined: boolean): string {
  if (Object.getPrototypeOf(items) !== Array.prototype) throw unsupported("an array that is not plain data");
  let text = "[";
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) text += ",";
    text += write(items[index], depth, refuseUndefined);
  }
  return `${text}]`;
}

function writeObject(members: Record<string, unknown>, depth: number, refuseUndefined: boolean): string {
  checkPlain(members);
  const names = sortNames(Object.keys(members));
  let text = "{";
  for (const name of names) {
    // No strict reader takes this name back, and a lax one would change a prototype.
    if (name === "__proto__") throw unsupported("a member named __proto__");
    const property = Object.getOwnPropertyDescriptor(members, name);
    if (property?.get !== undefined || property?.set !== undefined) throw unsupported("a getter or setter");
    const value: unknown = property?.value;
    if (value === undefined && !refuseUndefined) continue;
    if (text.length > 1) text += ",";
    text += `${quoteJsonString(name)}:${write(value, depth, refuseUndefined)}`;
  }
  return `${text}}`;
}

function checkPlain(members: object): void {
  const prototype: unknown = Object.getPrototypeOf(members);
  if (prototype !== Object.prototype && prototype !== null)
    throw unsupported("an object that is not plain data");
}

/** Sorts names in canonical order, by UTF-16 code units, in place; short lists, the usual case, without a comparator call. */
export function sortNames(names: string[]): string[] {
  if (names.length > 24) return names.sort();
  for (let index = 1; index < names.length; index += 1) {
    const name = names[index] as string;
    let slot = index;
    while (slot > 0 && (names[slot - 1] as string) > name) {
      names[slot] = names[slot - 1] as string;
      slot -= 1;
    }
    names[slot] = name;
  }
  return names;
}

const NEEDS_CARE = /[\u0000-\u001f"\\\ud800-\udfff]/;
const SHORT = 24;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Writes one string as JSON with the fewest escapes (RFC 8785 section 3.2.2.2).
 * @throws KitError `CANONICAL_ILL_FORMED_TEXT` when it holds a lone surrogate.
 */
export function quoteJsonString(text: string): string {
  if (text.length <= SHORT ? isPlain(text) : !NEEDS_CARE.test(text)) return `"${text}"`;
  if (LONE_SURROGATE.test(text))
    throw new KitError("CANONICAL_ILL_FORMED_TEXT", "string holds a lone surrogate");
  return JSON.stringify(text);
}

/** The same question as NEEDS_CARE, faster for names and other short strings. */
function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || (unit & 0xf800) === 0xd800) return false;
  }
  return true;
}

function unsupported(what: string): KitError {
  return new KitError("CANONICAL_UNSUPPORTED_VALUE", `canonical JSON cannot carry ${what}`);
}
