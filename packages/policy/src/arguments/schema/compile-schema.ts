import { format } from "@cfworker/json-schema";
import { compilePattern } from "@symbiont/kit/linear-pattern";
import { draftOf } from "./schema-copier.ts";
import { FORMATS, KEYWORDS, TYPES, UNSUPPORTED } from "./schema-keywords.ts";
import { makeTest, type Parts, type SchemaTest, type ValueTest } from "./schema-test.ts";

type Members = Readonly<Record<string, unknown>>;

/** Thrown when a schema is left to the interpreter: unsound, or with a keyword that is not compiled. */
class NotCompiled extends Error {}

const MAX_DEPTH = 64;
/** Largest schema that is compiled, in parts: what is larger is the interpreter's to count and refuse. */
const MAX_PARTS = 2000;
/** In-place applicators decide which members are known; at the root that is left to the interpreter. */
const NESTED_ONLY: ReadonlySet<string> = new Set(["anyOf", "allOf", "oneOf"]);

/**
 * Compiles the keywords that tools use to closures. Only says yes or no: what it refuses, and what it does not
 * understand, is for the interpreter.
 *
 * @returns undefined when the schema is left to the interpreter.
 */
export function compileSchema(source: object): SchemaTest | undefined {
  try {
    draftOf(source);
    if (!isSmall(source, { left: MAX_PARTS }, MAX_DEPTH)) return undefined;
    const parts = readParts(source as Members, MAX_DEPTH, true);
    // Members that no schema speaks of are refused at the root.
    return makeTest({ ...parts, additional: parts.additional ?? false });
  } catch {
    return undefined;
  }
}

function isSmall(value: unknown, parts: { left: number }, depth: number): boolean {
  parts.left -= 1;
  if (typeof value !== "object" || value === null) return parts.left >= 0;
  return (
    depth > 0 && parts.left >= 0 && Object.values(value).every((part) => isSmall(part, parts, depth - 1))
  );
}

function compile(schema: unknown, depth: number): ValueTest | boolean {
  if (typeof schema === "boolean") return schema;
  if (!isMembers(schema) || depth === 0) throw new NotCompiled();
  return makeTest(readParts(schema, depth, false));
}

function readParts(schema: Members, depth: number, isRoot: boolean): Parts {
  const parts: { -readonly [Name in keyof Parts]: Parts[Name] } = {};
  for (const keyword of Object.keys(schema)) {
    if (UNSUPPORTED.has(keyword) || (keyword === "$id" && !isRoot)) throw new NotCompiled();
    if (!KEYWORDS.has(keyword)) continue;
    const value = schema[keyword];
    switch (keyword) {
      case "type":
        parts.types = readTypes(value);
        break;
      case "properties":
        parts.properties = new Map(
          Object.entries(members(value)).map(([name, part]) => [name, compile(part, depth - 1)]),
        );
        break;
      case "required":
        parts.required = list(value).map(text);
        break;
      case "additionalProperties":
        parts.additional = compile(value, depth - 1);
        break;
      case "items":
        parts.items = compile(value, depth - 1);
        break;
      case "enum":
        parts.values = new Set(list(value).map(scalar));
        break;
      case "const":
        parts.constant = new Set([scalar(value)]);
        break;
      case "anyOf":
      case "allOf":
      case "oneOf":
        if (isRoot && NESTED_ONLY.has(keyword)) throw new NotCompiled();
        parts[keyword] = list(value).map((part) => compile(part, depth - 1));
        break;
      case "pattern":
        parts.pattern = compilePattern(text(value));
        break;
      case "format":
        if (FORMATS.has(value)) parts.format = formatTest(value as string);
        break;
      case "minLength":
      case "maxLength":
      case "minItems":
      case "maxItems":
      case "minProperties":
      case "maxProperties":
        parts[keyword] = count(value);
        break;
      case "minimum":
      case "maximum":
      case "exclusiveMinimum":
      case "exclusiveMaximum":
        parts[keyword] = number(value);
        break;
      default:
        throw new NotCompiled();
    }
  }
  return parts;
}

function formatTest(name: string): (value: string) => boolean {
  const test = format[name];
  if (test === undefined) throw new NotCompiled();
  return test;
}

function readTypes(value: unknown): ReadonlySet<string> {
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!names.every((name) => TYPES.has(name))) throw new NotCompiled();
  return new Set(names as readonly string[]);
}

function members(value: unknown): Members {
  if (!isMembers(value)) throw new NotCompiled();
  return value;
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new NotCompiled();
  return value;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new NotCompiled();
  return value;
}

/** Lists and objects compare by content, which is left to the interpreter. */
function scalar(value: unknown): unknown {
  if (typeof value === "object" && value !== null) throw new NotCompiled();
  return value;
}

function count(value: unknown): number {
  if (!Number.isSafeInteger(value) || Number(value) < 0) throw new NotCompiled();
  return Number(value);
}

function number(value: unknown): number {
  if (!Number.isFinite(value)) throw new NotCompiled();
  return Number(value);
}
