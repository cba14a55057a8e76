import { deepFreeze, type JsonObject } from "@symbiont/kit";
import { toJSONSchema, type ZodType } from "zod";
import type { $ZodTypes } from "zod/v4/core";

/**
 * Writes a zod schema as the frozen JSON Schema that `redact` takes. Mark what is secret in the schema's
 * metadata: `z.string().meta({ sensitive: true })`. What JSON Schema cannot say is taken as anything.
 *
 * The input side is written, as the values of tool calls are what a caller sent, and with it what pipes and codecs
 * turn it into: a mark on either side counts.
 */
export function schemaFromZod(schema: ZodType): JsonObject {
  return deepFreeze(new SchemaWriter().write(schema));
}

type Writable = Record<string, unknown>;

class SchemaWriter {
  /** Schemas that were written into the document under an id of their own. */
  readonly #embedded = new Map<unknown, string>();

  write(schema: unknown): JsonObject {
    return toJSONSchema(schema as ZodType, {
      io: "input",
      unrepresentable: "any",
      cycles: "ref",
      reused: "inline",
      override: ({ zodSchema, jsonSchema }) => this.#complete(zodSchema, jsonSchema as Writable),
    }) as JsonObject;
  }

  /** Adds what JSON Schema has no words for, so that marks in it are seen. */
  #complete(schema: $ZodTypes, written: Writable): void {
    const { def } = schema._zod;
    if (def.type === "pipe") {
      const others = Array.isArray(written["allOf"]) ? (written["allOf"] as unknown[]) : [];
      written["allOf"] = [...others, this.#embed(def.in), this.#embed(def.out)];
    } else if (def.type === "map") {
      written["propertyNames"] = this.#embed(def.keyType);
      written["additionalProperties"] = this.#embed(def.valueType);
    } else if (def.type === "set") {
      written["items"] = this.#embed(def.valueType);
    }
  }

  /** As a resource of its own: what refers to a place in it starts from there. */
  #embed(schema: unknown): JsonObject {
    const known = this.#embedded.get(schema);
    if (known !== undefined) return { $ref: known };
    const id = `zod:${this.#embedded.size}`;
    this.#embedded.set(schema, id);
    return { ...this.write(schema), $id: id };
  }
}
