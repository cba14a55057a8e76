import { isWellFormed } from "./bytes.ts";

const QUOTE = 0x22;
/** Longest text that is tried. */
export const MAX_SIMPLE_LENGTH = 8_192;
const MANY = Number.NaN;

/**
 * Leaves the common case to the runtime's parser, and finds out afterwards what that would have let pass: without a
 * backslash every quotation mark is the edge of a string, so that a name which is there twice leaves more strings in the
 * text than in the value. Undefined for all that is not that simple, right or wrong.
 */
export function parseSimpleJson(text: string, maxDepth: number, reserved: ReadonlySet<string>): unknown {
  if (text.includes("\\") || !isWellFormed(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return 2 * countStrings(value, maxDepth, reserved) === countQuotes(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Strings in a value, names included; not a number when there is something in it that is to be looked at closely. */
function countStrings(value: unknown, depth: number, reserved: ReadonlySet<string>): number {
  if (typeof value === "string") return 1;
  if (typeof value === "number") return Number.isSafeInteger(value) ? 0 : MANY;
  if (typeof value !== "object" || value === null) return 0;
  if (depth === 0) return MANY;
  let strings = 0;
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) strings += countStrings(item, depth - 1, reserved);
    return strings;
  }
  for (const name in value) {
    if (name === "__proto__" || reserved.has(name)) return MANY;
    strings += 1 + countStrings((value as Record<string, unknown>)[name], depth - 1, reserved);
  }
  return strings;
}

function countQuotes(text: string): number {
  let found = 0;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) === QUOTE) found += 1;
  return found;
}
