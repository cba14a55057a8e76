import { JsonReader } from "./json-reader.ts";
import { readText } from "./json-text.ts";
import type { JsonTree, JsonValue } from "./json-value.ts";
import { MAX_SIMPLE_LENGTH, parseSimpleJson } from "./parse-simple-json.ts";

/** Bounds and refusals of {@link parseJson}. */
export interface ParseJsonOptions {
  /** Longest accepted text in bytes of UTF-8. Default 1 MiB. */
  readonly maxBytes?: number;
  /** Deepest accepted nesting of arrays and objects. Default 64. */
  readonly maxDepth?: number;
  /**
   * Member names to refuse besides `__proto__`, which is always refused.
   * Default `["constructor", "prototype"]`.
   */
  readonly reservedNames?: readonly string[];
  /**
   * What to do with an integer literal beyond ±(2^53 − 1), which a double cannot hold exactly.
   * Default `"refuse"`.
   */
  readonly unsafeIntegers?: "refuse" | "round";
}

const DEFAULT_MAX_BYTES = 1 << 20;
const DEFAULT_MAX_DEPTH = 64;
const DEFAULT_RESERVED: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

const NONE_RESERVED: ReadonlySet<string> = new Set();

/**
 * Parses JSON from an untrusted source, in linear time.
 *
 * Accepts exactly RFC 8259 and nothing that two parsers could read differently: no byte order mark, no
 * ill-formed UTF-8, no duplicate names (compared after unescaping), no lone surrogates, no number that loses
 * digits, no `__proto__`. Objects in the result are plain and hold only own members.
 *
 * @throws KitError with `offset` in UTF-16 code units: `JSON_SYNTAX`, `JSON_TOO_LARGE`, `JSON_TOO_DEEP`,
 * `JSON_DUPLICATE_NAME`, `JSON_RESERVED_NAME`, `JSON_ILL_FORMED_TEXT`, `JSON_NUMBER_RANGE`.
 */
export function parseJson(input: string | Uint8Array, options: ParseJsonOptions = {}): JsonValue {
  return parse(input, options, false) as JsonValue;
}

/**
 * Parses JSON like {@link parseJson}, but keeps every number as it was written.
 * No number is refused: `JSON_NUMBER_RANGE` does not occur.
 */
export function parseJsonTree(
  input: string | Uint8Array,
  options: Omit<ParseJsonOptions, "unsafeIntegers"> = {},
): JsonTree {
  return parse(input, options, true) as JsonTree;
}

function parse(input: string | Uint8Array, options: ParseJsonOptions, keepNumbers: boolean): unknown {
  const maxBytes = positive("maxBytes", options.maxBytes ?? DEFAULT_MAX_BYTES);
  const maxDepth = positive("maxDepth", options.maxDepth ?? DEFAULT_MAX_DEPTH);
  const { reservedNames } = options;
  const reserved =
    reservedNames === undefined
      ? DEFAULT_RESERVED
      : reservedNames.length === 0
        ? NONE_RESERVED
        : new Set(reservedNames);
  const text = readText(input, maxBytes);
  if (!keepNumbers && text.length <= MAX_SIMPLE_LENGTH) {
    const value = parseSimpleJson(text, maxDepth, reserved);
    if (value !== undefined) return value;
  }
  return new JsonReader(text, maxDepth, reserved, options.unsafeIntegers === "round", keepNumbers).read();
}

function positive(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`${name} must be a positive integer, got ${value}`);
  return value;
}
