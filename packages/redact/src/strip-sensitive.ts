import type { JsonObject, JsonValue } from "@symbiont/kit";
import { isMarked, readMarkers, type SchemaMarkers } from "./schema-markers.ts";

const SAMPLES: ReadonlySet<string> = new Set(["default", "const", "enum", "example", "examples"]);
const MAX_DEPTH = 64;

/** Options of {@link stripSensitive}: the same as those of the redactor. */
export interface StripOptions {
  /** Schema keywords that mark. Default `x-sensitive`, `sensitive`, `x-redact`, `writeOnly`. */
  readonly markers?: readonly string[];
  /** Values of the schema keyword `format` that mark. Default `password`. */
  readonly markedFormats?: readonly string[];
}

/**
 * Copies a JSON Schema without the sample values (`default`, `const`, `enum`, `examples`) at and below what is
 * marked as sensitive, so that the schema itself may be shown or logged. Beyond 64 levels all is left out.
 *
 * A schema that is only marked where another one refers to it keeps its samples: mark it itself.
 * @throws TypeError, RangeError naming a wrong option.
 */
export function stripSensitive(schema: JsonObject, options: StripOptions = {}): JsonObject {
  return strip(schema, readMarkers(options), false, 0) as JsonObject;
}

function strip(value: JsonValue, markers: SchemaMarkers, inside: boolean, depth: number): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return {};
  if (Array.isArray(value)) return value.map((item: JsonValue) => strip(item, markers, inside, depth + 1));
  const schema = value as JsonObject;
  const secret = inside || isMarked(schema, markers);
  const copy: Record<string, JsonValue> = {};
  for (const [name, member] of Object.entries(schema)) {
    if ((secret && SAMPLES.has(name)) || name === "__proto__") continue;
    copy[name] = strip(member, markers, secret, depth + 1);
  }
  return copy;
}
