import type { JsonObject } from "@symbiont/kit";
import { type ArgumentsDenial, Refusal } from "./denial.ts";
import { freezeTree } from "./freeze-tree.ts";
import { type PreparedSchema, SchemaValidator, toDenial } from "./prepare-schema.ts";
import { readArguments } from "./read-arguments.ts";
import { checkStandardSchema, isStandardSchema, type StandardSchema } from "./standard-schema.ts";

/** Arguments that may be judged, shown, recorded and executed; or why not. */
export type ArgumentsResult =
  | {
      readonly denied: false;
      /** Deeply frozen, and shared with nobody. Use this object from here on, never the text again. */
      readonly arguments: JsonObject;
    }
  | ArgumentsDenial;

/**
 * Checks the arguments of a tool call against the tool's schema. Never throws.
 *
 * Text is parsed once and strictly; arguments that the host has already parsed are copied within the same
 * bounds (whether names were duplicated can then no longer be known). At the top level, a member that the
 * schema does not speak of is refused.
 *
 * Differs from Symbiont: an unknown tool, a missing schema and duplicate names deny.
 *
 * @param input JSON text, its UTF-8 bytes, or an object of plain data.
 * @param schema JSON Schema of the arguments, prepared or not, or a Standard Schema that answers at once; null when
 * the tool declares none, undefined when there is no such tool.
 */
export function checkArguments(
  input: unknown,
  schema: JsonObject | PreparedSchema | StandardSchema | null | undefined,
): ArgumentsResult {
  try {
    if (schema === undefined) throw new Refusal("args.unknown_tool", "there is no such tool");
    if (schema === null) throw new Refusal("args.no_schema", "the tool declares no schema for its arguments");
    const values = readArguments(input);
    if (isStandardSchema(schema))
      return { denied: false, arguments: freezeTree(checkStandardSchema(values, schema)) as JsonObject };
    const validator = schema instanceof SchemaValidator ? schema : new SchemaValidator(schema);
    if (validator.problem !== undefined) return validator.problem;
    validator.check(values);
    return { denied: false, arguments: freezeTree(values) as JsonObject };
  } catch (error) {
    return toDenial(error);
  }
}
