import type { JsonObject } from "@symbiont/kit";
import { unknownHost } from "../adapter-error.ts";

const DRAFT = "draft-2020-12";
/** What a tool without a schema takes. */
const NOTHING: JsonObject = { type: "object", properties: {}, additionalProperties: false };

/** The part of a Standard Schema that turns it into JSON Schema. @see https://standardschema.dev/json-schema */
type StandardJsonSchema = Readonly<
  Partial<Record<SchemaSide, (options: { readonly target: string }) => unknown>>
>;

/**
 * What a host hands to a tool's wrapper: what the model wrote (`input`), or what the schema made of it, with defaults
 * filled in (`output`).
 */
export type SchemaSide = "input" | "output";

/**
 * The JSON Schema of the arguments that a host hands over: of a Standard Schema (zod from 4.2, Valibot, ArkType), of
 * the AI SDK's own schema objects, or JSON Schema itself.
 * @throws AdapterError `ADAPTER_HOST_UNKNOWN` when there is no telling, as for schemas that turn text into other things.
 */
export async function toolSchema(tool: string, schema: unknown, side: SchemaSide): Promise<JsonObject> {
  if (schema === undefined || schema === null) return NOTHING;
  const given: unknown = isLazy(schema) ? schema() : schema;
  if (typeof given !== "object" && typeof given !== "function") throw unreadable(tool);
  if (given === null) throw unreadable(tool);
  if ("~standard" in given && !("jsonSchema" in given)) return fromStandard(tool, given["~standard"], side);
  return asSchema(tool, "jsonSchema" in given ? await given.jsonSchema : given);
}

function fromStandard(tool: string, standard: unknown, side: SchemaSide): JsonObject {
  const { jsonSchema } = standard as { readonly jsonSchema?: StandardJsonSchema };
  const convert = jsonSchema?.[side];
  if (typeof convert !== "function")
    throw unknownHost(
      `the schema of '${tool}' cannot be written as JSON Schema: use zod 4.2 or later, or JSON Schema`,
    );
  try {
    return asSchema(tool, convert({ target: DRAFT }));
  } catch (cause) {
    throw unknownHost(`the schema of '${tool}' makes values that JSON Schema cannot describe`, cause);
  }
}

function asSchema(tool: string, value: unknown): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unreadable(tool);
  const { type, properties } = value as { readonly type?: unknown; readonly properties?: unknown };
  // Something with neither is no schema of arguments, and as one it would let everything through.
  if (type !== "object" && typeof properties !== "object") throw unreadable(tool);
  const { $schema: _, ...schema } = value as JsonObject;
  return schema;
}

function isLazy(schema: unknown): schema is () => unknown {
  return typeof schema === "function" && !("~standard" in schema);
}

function unreadable(tool: string): Error {
  return unknownHost(`the schema of '${tool}' is none that is known here`);
}
