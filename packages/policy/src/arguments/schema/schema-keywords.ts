import type { SchemaDraft } from "@cfworker/json-schema";

/** What the value of a keyword must be. */
export type Shape =
  | "schema"
  | "schema or list"
  | "schema list"
  | "schema map"
  | "schema or names map"
  | "names"
  | "names map"
  | "count"
  | "number"
  | "number or boolean"
  | "boolean"
  | "text"
  | "type"
  | "format"
  | "list"
  | "any";

/** The keywords that are checked or followed. Others are notes to the reader and are left out. */
export const KEYWORDS: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ...each(
    "schema",
    "additionalItems",
    "additionalProperties",
    "contains",
    "else",
    "if",
    "not",
    "propertyNames",
  ),
  ...each("schema", "then", "unevaluatedItems", "unevaluatedProperties"),
  ...each("schema or list", "items"),
  ...each("schema list", "allOf", "anyOf", "oneOf", "prefixItems"),
  ...each("schema map", "$defs", "definitions", "dependentSchemas", "patternProperties", "properties"),
  ...each("schema or names map", "dependencies"),
  ...each("names", "required"),
  ...each("names map", "dependentRequired"),
  ...each("count", "maxContains", "maxItems", "maxLength", "maxProperties"),
  ...each("count", "minContains", "minItems", "minLength", "minProperties"),
  ...each("number", "maximum", "minimum", "multipleOf"),
  ...each("number or boolean", "exclusiveMaximum", "exclusiveMinimum"),
  ...each("boolean", "uniqueItems"),
  ...each("text", "$anchor", "$ref", "pattern"),
  ...each("type", "type"),
  ...each("format", "format"),
  ...each("list", "enum"),
  ...each("any", "const"),
]);

/** Keywords that change what a schema means in ways that are not supported: to ignore them would be lax. */
export const UNSUPPORTED: ReadonlySet<string> = new Set([
  "$dynamicAnchor",
  "$dynamicRef",
  "$recursiveAnchor",
  "$recursiveRef",
  "$vocabulary",
]);

/** Names of types. */
export const TYPES: ReadonlySet<unknown> = new Set([
  "array",
  "boolean",
  "integer",
  "null",
  "number",
  "object",
  "string",
]);

/** Formats that are checked; JSON Schema lets a validator ignore all others. */
export const FORMATS: ReadonlySet<unknown> = new Set([
  "date",
  "date-time",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "json-pointer",
  "time",
  "uri",
  "uri-reference",
  "uuid",
]);

/** Drafts by the address of their meta-schema, without scheme and fragment. */
export const DRAFTS: ReadonlyMap<string, SchemaDraft> = new Map<string, SchemaDraft>([
  ["json-schema.org/draft-04/schema", "4"],
  ["json-schema.org/draft-06/schema", "7"],
  ["json-schema.org/draft-07/schema", "7"],
  ["json-schema.org/draft/2019-09/schema", "2019-09"],
  ["json-schema.org/draft/2020-12/schema", "2020-12"],
]);

function each(shape: Shape, ...keywords: readonly string[]): [string, Shape][] {
  return keywords.map((keyword) => [keyword, shape]);
}
