import { compareCodePoints, JsonNumber, type JsonTree, type JsonValue } from "@symbiont/kit";

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
export function portabilityIssues(schema: JsonTree | JsonValue): PortabilityIssue[] {
  const issues = new Set<PortabilityIssue>();
  collect(schema, issues);
  return [...issues];
}

function collect(value: JsonTree | JsonValue, issues: Set<PortabilityIssue>): void {
  if (typeof value === "number") {
    note(numberIssue(String(value), value), issues);
  } else if (value instanceof JsonNumber) {
    note(numberIssue(value.raw, value.value), issues);
  } else if (Array.isArray(value)) {
    for (const item of value as readonly JsonTree[]) collect(item, issues);
  } else if (typeof value === "object" && value !== null) {
    note(orderIssue(Object.keys(value)), issues);
    for (const member of Object.values(value)) collect(member as JsonTree, issues);
  }
}

function note(issue: PortabilityIssue | undefined, issues: Set<PortabilityIssue>): void {
  if (issue !== undefined) issues.add(issue);
}

/**
 * JavaScript implementations sort by UTF-16 unit and then move integer-like names to the front; all others sort by
 * code point.
 */
function orderIssue(names: readonly string[]): PortabilityIssue | undefined {
  if (!names.some(orderMayDiffer)) return undefined;
  const byCodePoint = [...names].sort(compareCodePoints);
  const byUnit = [...names].sort();
  const javascript = [...names].sort(compareAsJavascript);
  if (same(javascript, byCodePoint)) return undefined;
  if (same(byUnit, byCodePoint)) return "integer-like-key-order";
  return same(javascript, byUnit) ? "key-order-utf16-vs-codepoint" : "key-order";
}

/**
 * Integers within ±(2^53 − 1), and fractions of at most 15 digits between 1e-4 and 1e16 as JavaScript writes them,
 * look the same everywhere.
 */
function numberIssue(raw: string, value: number): PortabilityIssue | undefined {
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

/** Orders names as JavaScript writes them: array indexes first, by value, then all others by UTF-16 unit. */
export function compareAsJavascript(a: string, b: string): number {
  const [indexA, indexB] = [isArrayIndex(a), isArrayIndex(b)];
  if (indexA && indexB) return Number(a) - Number(b);
  if (indexA !== indexB) return indexA ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Only names that look like an index, or hold code units from the surrogates on, sort differently anywhere. */
function orderMayDiffer(name: string): boolean {
  return /^\d|[\ud800-\uffff]/.test(name);
}

function isArrayIndex(name: string): boolean {
  return /^(?:0|[1-9]\d{0,9})$/.test(name) && Number(name) <= LARGEST_ARRAY_INDEX;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.every((name, index) => name === b[index]);
}
