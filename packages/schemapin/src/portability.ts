import { compareCodePoints, JsonNumber, type JsonTree } from "@symbiont/kit";

/** A reason for which two implementations of `schemapin-v1` may write different bytes. */
export type PortabilityIssue =
  | "integer-like-key-order"
  | "key-order-utf16-vs-codepoint"
  | "key-order"
  | "number-not-portable"
  | "number-negative-zero"
  | "number-not-finite";

const LARGEST_ARRAY_INDEX = 2 ** 32 - 2;
const SMALLEST_PORTABLE = 1e-4;
const LARGEST_PORTABLE = 1e16;
const PORTABLE_DIGITS = 15;

/** Finds what is not portable in a schema, each kind once, in document order. */
export function portabilityIssues(tree: JsonTree): PortabilityIssue[] {
  const issues = new Set<PortabilityIssue>();
  collect(tree, issues);
  return [...issues];
}

function collect(tree: JsonTree, issues: Set<PortabilityIssue>): void {
  if (tree === null || typeof tree !== "object") return;
  if (tree instanceof JsonNumber) {
    const issue = numberIssue(tree);
    if (issue !== undefined) issues.add(issue);
    return;
  }
  if (Array.isArray(tree)) {
    for (const item of tree) collect(item as JsonTree, issues);
    return;
  }
  const issue = orderIssue(Object.keys(tree));
  if (issue !== undefined) issues.add(issue);
  for (const member of Object.values(tree)) collect(member, issues);
}

/**
 * JavaScript implementations sort by UTF-16 unit and then move integer-like names to the front; all others sort by
 * code point.
 */
function orderIssue(names: readonly string[]): PortabilityIssue | undefined {
  const byCodePoint = [...names].sort(compareCodePoints);
  const byUnit = [...names].sort();
  const integers = byUnit.filter(isArrayIndex).sort((a, b) => Number(a) - Number(b));
  const javascript = [...integers, ...byUnit.filter((name) => !isArrayIndex(name))];
  if (same(javascript, byCodePoint)) return undefined;
  if (same(byUnit, byCodePoint)) return "integer-like-key-order";
  return same(javascript, byUnit) ? "key-order-utf16-vs-codepoint" : "key-order";
}

/**
 * Integers within ±(2^53 − 1), and fractions of at most 15 digits between 1e-4 and 1e16 as JavaScript writes them,
 * look the same everywhere.
 */
function numberIssue(number: JsonNumber): PortabilityIssue | undefined {
  const { raw, value } = number;
  if (!Number.isFinite(value)) return "number-not-finite";
  if (Object.is(value, -0)) return "number-negative-zero";
  if (/^-?\d+$/.test(raw)) return Number.isSafeInteger(value) ? undefined : "number-not-portable";
  const size = Math.abs(value);
  const digits = raw.replace(/^-?0*\.?0*|\./g, "").length;
  const portable =
    !Number.isInteger(value) &&
    size >= SMALLEST_PORTABLE &&
    size < LARGEST_PORTABLE &&
    digits <= PORTABLE_DIGITS &&
    raw === String(value);
  return portable ? undefined : "number-not-portable";
}

function isArrayIndex(name: string): boolean {
  return /^(?:0|[1-9]\d{0,9})$/.test(name) && Number(name) <= LARGEST_ARRAY_INDEX;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.every((name, index) => name === b[index]);
}
