import { excerpt, isWellFormed, KitError, type KitErrorCode, parseJson } from "@symbiont/kit";
import { type ArgumentsCode, pointTo, Refusal } from "./denial.ts";

/** Largest accepted arguments, in bytes of UTF-8. */
export const MAX_BYTES: number = 256 * 1024;
/** Deepest accepted nesting. */
export const MAX_DEPTH = 64;

/** Names that an engine or the runtime would read as something other than data. */
const RESERVED: readonly string[] = ["__proto__", "constructor", "prototype", "__entity", "__extn", "__expr"];
const RESERVED_SET: ReadonlySet<string> = new Set(RESERVED);

const CODES: Readonly<Partial<Record<KitErrorCode, ArgumentsCode>>> = {
  JSON_TOO_LARGE: "args.too_large",
  JSON_TOO_DEEP: "args.too_deep",
  JSON_DUPLICATE_NAME: "args.duplicate_key",
  JSON_RESERVED_NAME: "args.reserved_key",
  JSON_ILL_FORMED_TEXT: "args.ill_formed_string",
  JSON_NUMBER_RANGE: "args.unsafe_integer",
};

/**
 * Gives the arguments as fresh plain data: parsed once from text, or copied from what the host has parsed.
 * @throws Refusal
 */
export function readArguments(input: unknown): Record<string, unknown> {
  const isText = typeof input === "string" || input instanceof Uint8Array;
  const value = isText ? readText(input) : new Copier().copy(input, "", MAX_DEPTH);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal("args.not_object", "arguments are not a JSON object");
  }
  return value as Record<string, unknown>;
}

function readText(input: string | Uint8Array): unknown {
  try {
    return parseJson(input, { maxBytes: MAX_BYTES, maxDepth: MAX_DEPTH, reservedNames: RESERVED });
  } catch (error) {
    if (!KitError.is(error)) throw error;
    throw new Refusal(CODES[error.code] ?? "args.not_json", `arguments are refused: ${error.message}`);
  }
}

/** Copies plain data within the same bounds as the parser, calling no getter and keeping no reference. */
class Copier {
  #left = MAX_BYTES;

  copy(value: unknown, path: string, depth: number): unknown {
    switch (typeof value) {
      case "string":
        return this.#text(value, path);
      case "boolean":
        this.#spend(4, path);
        return value;
      case "number":
        this.#spend(1, path);
        return checkNumber(value, path);
      case "object":
        this.#spend(2, path);
        if (value === null) return null;
        if (depth === 0) throw new Refusal("args.too_deep", `nesting is deeper than ${MAX_DEPTH}`, path);
        return Array.isArray(value)
          ? this.#list(value, path, depth - 1)
          : this.#members(value, path, depth - 1);
      default:
        throw notJson(`a ${typeof value}`, path);
    }
  }

  #list(list: readonly unknown[], path: string, depth: number): unknown[] {
    if (Object.getPrototypeOf(list) !== Array.prototype)
      throw notJson("an array that is not plain data", path);
    this.#spend(list.length, path);
    return Array.from(list, (_, index) => {
      const place = pointTo(path, index);
      return this.copy(readData(list, String(index), place), place, depth);
    });
  }

  #members(object: object, path: string, depth: number): Record<string, unknown> {
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype !== Object.prototype && prototype !== null) {
      throw notJson("an object that is not plain data", path);
    }
    const copy: Record<string, unknown> = {};
    for (const name of Object.keys(object)) {
      const place = pointTo(path, name);
      if (RESERVED_SET.has(name)) {
        throw new Refusal("args.reserved_key", `member name ${excerpt(name)} is not allowed`, place);
      }
      this.#text(name, place);
      copy[name] = this.copy(readData(object, name, place), place, depth);
    }
    return copy;
  }

  #text(text: string, path: string): string {
    // Counted in code units, each at least one byte of UTF-8.
    this.#spend(text.length + 2, path);
    if (!isWellFormed(text))
      throw new Refusal("args.ill_formed_string", "string holds a lone surrogate", path);
    return text;
  }

  #spend(bytes: number, path: string): void {
    this.#left -= bytes;
    if (this.#left < 0)
      throw new Refusal("args.too_large", `arguments are larger than ${MAX_BYTES} bytes`, path);
  }
}

function readData(object: object, name: string, path: string): unknown {
  const property = Object.getOwnPropertyDescriptor(object, name);
  if (property === undefined) throw notJson("a hole in an array", path);
  if (property.get !== undefined || property.set !== undefined) throw notJson("a getter", path);
  return property.value;
}

function checkNumber(value: number, path: string): number {
  if (!Number.isFinite(value)) throw notJson("a number that is not finite", path);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new Refusal("args.unsafe_integer", "integer does not fit a double exactly", path);
  }
  return value;
}

function notJson(what: string, path: string): Refusal {
  return new Refusal("args.not_json", `arguments hold ${what}, which JSON cannot carry`, path);
}
