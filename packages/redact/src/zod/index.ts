import { deepFreeze, type JsonObject } from "@symbiont/kit";
import { toJSONSchema, type ZodType } from "zod";

/**
 * Writes a zod schema as the frozen JSON Schema that `redact` takes. Mark what is secret in the schema's
 * metadata: `z.string().meta({ sensitive: true })`. What JSON Schema cannot say is taken as anything.
 *
 * The input side is written, as the values of tool calls are what a caller sent.
 */
export function schemaFromZod(schema: ZodType): JsonObject {
  return deepFreeze(
    toJSONSchema(schema, { io: "input", unrepresentable: "any", cycles: "ref", reused: "inline" }),
  ) as JsonObject;
}
