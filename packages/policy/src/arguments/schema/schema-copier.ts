import type { Schema, SchemaDraft } from "@cfworker/json-schema";
import { pointTo, Refusal } from "../denial.ts";
import type { Meter } from "./meter.ts";
import { meterVisits, restatePattern, restatePatternProperties } from "./restate-patterns.ts";
import { DRAFTS, FORMATS, KEYWORDS, type Shape, TYPES, UNSUPPORTED } from "./schema-keywords.ts";

/** Most values in one schema. */
const MAX_VALUES = 10_000;
/** Deepest accepted nesting of a schema. */
const MAX_DEPTH = 64;

/** Tells which draft a schema is written in; 2020-12 where it does not say. */
export function draftOf(schema: object): SchemaDraft {
  const declared = (schema as Schema).$schema as unknown;
  if (declared === undefined) return "2020-12";
  const name = typeof declared === "string" ? declared.replace(/^https?:\/\//, "").replace(/#$/, "") : "";
  const draft = DRAFTS.get(name);
  if (draft === undefined) throw bad("$schema names no supported draft", "/$schema");
  return draft;
}

/**
 * Copies a schema that may come from a stranger: only known keywords with values of their shape, no reference
 * out of the schema, patterns that take linear time. Every subschema charges the meter when it is visited.
 */
export class SchemaCopier {
  readonly #meter: Meter;
  #values = 0;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** @throws Refusal `args.bad_schema` */
  copy(schema: unknown, path = "", depth: number = MAX_DEPTH): Schema | boolean {
    this.#count(path, depth);
    if (typeof schema === "boolean") return schema;
    if (!isObject(schema)) throw bad("a schema is an object or a boolean", path);
    const copy: Schema = {};
    for (const [keyword, value] of Object.entries(schema)) {
      const place = pointTo(path, keyword);
      if (UNSUPPORTED.has(keyword)) throw bad(`the keyword ${keyword} is not supported`, place);
      if (keyword === "$id" && path !== "") throw bad("only the root of a schema may have an $id", place);
      const shape = KEYWORDS.get(keyword);
      if (shape === undefined) continue;
      const part = this.#keyword(shape, value, place, depth - 1);
      if (part !== undefined) copy[keyword] = part;
    }
    restatePattern(copy, path, this.#meter);
    restatePatternProperties(copy, path, this.#meter);
    return meterVisits(copy, this.#meter);
  }

  #keyword(shape: Shape, value: unknown, path: string, depth: number): unknown {
    switch (shape) {
      case "schema":
        return this.copy(value, path, depth);
      case "schema or list":
        return Array.isArray(value) ? this.#list(value, path, depth) : this.copy(value, path, depth);
      case "schema list":
        return this.#list(value, path, depth);
      case "schema map":
        return this.#map(value, path, (part, place) => this.copy(part, place, depth - 1));
      case "schema or names map":
        return this.#map(value, path, (part, place) =>
          Array.isArray(part) ? this.#names(part, place) : this.copy(part, place, depth - 1),
        );
      case "names map":
        return this.#map(value, path, (part, place) => this.#names(part, place));
      case "names":
        return this.#names(value, path);
      case "type":
        return expect(
          value,
          path,
          "type",
          (Array.isArray(value) ? value : [value]).every((type) => TYPES.has(type)),
        );
      case "count":
        return expect(value, path, shape, Number.isSafeInteger(value) && Number(value) >= 0);
      case "number":
        return expect(value, path, shape, Number.isFinite(value));
      case "number or boolean":
        return expect(value, path, shape, Number.isFinite(value) || typeof value === "boolean");
      case "boolean":
        return expect(value, path, shape, typeof value === "boolean");
      case "format":
        return FORMATS.has(value) ? value : undefined;
      case "list":
        return this.#data(expect(value, path, shape, Array.isArray(value)), path, depth);
      case "any":
        return this.#data(value, path, depth);
      case "text":
        return this.#text(value, path);
      default:
        throw bad("the keyword is not supported", path);
    }
  }

  #text(value: unknown, path: string): unknown {
    expect(value, path, "text", typeof value === "string");
    if (path.endsWith("/$ref") && !String(value).startsWith("#")) {
      throw bad("a schema may refer to its own parts only", path);
    }
    return value;
  }

  #list(value: unknown, path: string, depth: number): (Schema | boolean)[] {
    if (!Array.isArray(value)) throw bad("a list of schemas is wanted", path);
    return value.map((part, index) => this.copy(part, pointTo(path, index), depth - 1));
  }

  #map<T>(value: unknown, path: string, copy: (part: unknown, path: string) => T): Record<string, T> {
    if (!isObject(value)) throw bad("an object is wanted", path);
    const map = Object.create(null) as Record<string, T>;
    for (const [name, part] of Object.entries(value)) map[name] = copy(part, pointTo(path, name));
    return map;
  }

  #names(value: unknown, path: string): readonly string[] {
    if (!Array.isArray(value) || !value.every((name) => typeof name === "string")) {
      throw bad("a list of names is wanted", path);
    }
    for (const _ of value) this.#count(path, MAX_DEPTH);
    return [...value];
  }

  /** Copies a JSON value that the schema compares with. */
  #data(value: unknown, path: string, depth: number): unknown {
    this.#count(path, depth);
    if (Array.isArray(value))
      return value.map((part, index) => this.#data(part, pointTo(path, index), depth - 1));
    if (!isObject(value)) return value;
    return this.#map(value, path, (part, place) => this.#data(part, place, depth - 1));
  }

  #count(path: string, depth: number): void {
    this.#values += 1;
    if (this.#values > MAX_VALUES) throw bad(`schema has more than ${MAX_VALUES} parts`, path);
    if (depth <= 0) throw bad(`schema is nested deeper than ${MAX_DEPTH}`, path);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function expect(value: unknown, path: string, shape: string, holds: boolean): unknown {
  if (!holds) throw bad(`the value of this keyword is no ${shape}`, path);
  return value;
}

function bad(reason: string, path: string): Refusal {
  return new Refusal("args.bad_schema", `the schema of the tool is refused: ${reason}`, path);
}
