import type { JsonObject, JsonValue } from "@symbiont/kit";

const MARKERS = ["x-sensitive", "sensitive", "x-redact", "writeOnly"];
const SAMPLES: ReadonlySet<string> = new Set(["default", "const", "enum", "example", "examples"]);
const MAX_DEPTH = 64;

/**
 * Copies a JSON Schema without the sample values (`default`, `const`, `enum`, `examples`) at and below what is
 * marked as sensitive, so that the schema itself may be shown or logged. Beyond 64 levels all is left out.
 *
 * A schema that is only marked where another one refers to it keeps its samples: mark it itself.
 */
export function stripSensitive(schema: JsonObject): JsonObject {
  return strip(schema, false, 0) as JsonObject;
}

function strip(value: JsonValue, inside: boolean, depth: number): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return {};
  if (Array.isArray(value)) return value.map((item: JsonValue) => strip(item, inside, depth + 1));
  const schema = value as JsonObject;
  const secret = inside || isMarked(schema);
  const copy: Record<string, JsonValue> = {};
  for (const [name, member] of Object.entries(schema)) {
    if ((secret && SAMPLES.has(name)) || name === "__proto__") continue;
    copy[name] = strip(member, secret, depth + 1);
  }
  return copy;
}

function isMarked(schema: JsonObject): boolean {
  return (
    schema["format"] === "password" ||
    MARKERS.some((marker) => ![undefined, null, false].includes(schema[marker] as null | undefined | false))
  );
}
