import type { JsonObject, JsonValue } from "@symbiont/kit";
import { type ArgumentsResult, checkArguments, prepareSchema } from "@symbiont/policy/arguments";
import fc from "fast-check";
import { expect } from "vitest";

// What is compiled must agree with what is interpreted. A reference makes the interpreter take a schema, and demands
// nothing itself.
const interpreted = (schema: JsonObject): JsonObject => ({
  ...schema,
  $defs: { anything: true },
  allOf: [{ $ref: "#/$defs/anything" }],
});

const name = fc.constantFrom("a", "b", "c", "toString", "ab");
const scalar = fc.constantFrom<JsonValue>(
  "x",
  "ab",
  "é🔑",
  "",
  0,
  1,
  1.5,
  -3,
  true,
  false,
  null,
  "2020-01-01",
);
const value = fc.letrec<{ any: JsonValue }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(name, tie("any"), { maxKeys: 3 }),
  ),
})).any;
const type = fc.constantFrom("string", "number", "integer", "boolean", "null", "object", "array");
const small = fc.nat(3);
const schema = fc.letrec<{ any: JsonValue; object: JsonObject }>((tie) => ({
  any: fc.oneof({ maxDepth: 3 }, fc.boolean(), tie("object")),
  object: fc.record(
    {
      type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })),
      properties: fc.dictionary(name, tie("any"), { maxKeys: 3 }),
      required: fc.uniqueArray(name, { maxLength: 2 }),
      additionalProperties: tie("any"),
      items: tie("any"),
      enum: fc.array(scalar, { minLength: 1, maxLength: 4 }),
      const: scalar,
      anyOf: fc.array(tie("any"), { minLength: 1, maxLength: 3 }),
      oneOf: fc.array(tie("any"), { minLength: 1, maxLength: 3 }),
      allOf: fc.array(tie("any"), { minLength: 1, maxLength: 2 }),
      pattern: fc.constantFrom("^a", "b$", "^.?$", "é"),
      format: fc.constantFrom("date", "uri", "unheard-of"),
      minLength: small,
      maxLength: small,
      minItems: small,
      maxItems: small,
      minProperties: small,
      maxProperties: small,
      minimum: small,
      maximum: small,
      exclusiveMinimum: small,
      exclusiveMaximum: small,
      title: fc.constant("note"),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<JsonObject>,
})).any;

/** Compares both on random schemas and arguments; gives how many arguments were accepted. */
export function compareCompiledWithInterpreted(numRuns: number): number {
  let accepted = 0;
  const outcome = (result: ArgumentsResult) =>
    result.denied ? [result.code, result.path] : result.arguments;
  fc.assert(
    fc.property(
      fc.dictionary(name, schema, { maxKeys: 3 }),
      fc.option(schema, { nil: undefined }),
      fc.dictionary(name, value, { maxKeys: 3 }),
      (properties, additionalProperties, values) => {
        const root = { properties, ...(additionalProperties === undefined ? {} : { additionalProperties }) };
        const text = JSON.stringify(values);
        const compiled = outcome(checkArguments(text, prepareSchema(root)));
        expect(compiled).toEqual(outcome(checkArguments(text, prepareSchema(interpreted(root)))));
        if (!Array.isArray(compiled)) accepted += 1;
      },
    ),
    { numRuns },
  );
  return accepted;
}
