import { deepFreeze, type JsonObject, type JsonValue } from "@symbiont/kit";
import { createRedactor } from "@symbiont/redact";
import fc from "fast-check";
import { expect, test } from "vitest";

interface Sample {
  readonly schema: JsonObject;
  readonly value: JsonValue;
}

const CANARY = "canary-5b1e";
const bare = createRedactor({ builtInNames: false, scanStrings: false });
const name = fc.constantFrom("a", "b", "note", "__proto__", "x y", "0", "toString");

const marker = fc.constantFrom<JsonObject>(
  { "x-sensitive": true },
  { sensitive: true },
  { "x-redact": true },
  { writeOnly: true },
  { type: "string", format: "password" },
);
const marked: fc.Arbitrary<Sample> = fc
  .tuple(marker, fc.constantFrom<JsonValue>(CANARY, [CANARY], { [CANARY]: { deep: CANARY } }))
  .map(([schema, value]) => ({ schema, value }));

/** Wraps a schema and a value that fits it in one more level of each, keeping the canary under a marked node. */
const { sample } = fc.letrec<{ sample: Sample }>((tie) => {
  const inner = tie("sample");
  const wrap = (build: (key: string, inside: Sample) => Sample): fc.Arbitrary<Sample> =>
    fc.tuple(name, inner).map(([key, inside]) => build(key, inside));
  const member = (key: string, value: JsonValue): JsonObject =>
    JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value)}}`);
  return {
    sample: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      marked,
      wrap((key, { schema, value }) => ({
        schema: { properties: member(key, schema) },
        value: member(key, value),
      })),
      wrap((key, { schema, value }) => ({
        schema: { additionalProperties: schema },
        value: member(key, value),
      })),
      wrap((key, { schema, value }) => ({
        schema: { patternProperties: { "": schema } },
        value: member(key, value),
      })),
      wrap((_, { schema, value }) => ({ schema: { items: schema }, value: [value, value] })),
      wrap((_, { schema, value }) => ({ schema: { prefixItems: [true, schema] }, value: [1, value] })),
      wrap((_, { schema, value }) => ({ schema: { anyOf: [{ type: "number" }, schema] }, value })),
      wrap((_, { schema, value }) => ({ schema: { oneOf: [schema, false] }, value })),
      wrap((_, { schema, value }) => ({ schema: { allOf: [true, { if: true, else: schema }] }, value })),
      wrap((_, { schema, value }) => ({ schema: { contains: schema }, value: [1, value] })),
      wrap((_, { schema, value }) => ({ schema: { unevaluatedItems: schema }, value: [value] })),
      wrap((key, { schema, value }) => ({
        schema: { unevaluatedProperties: schema },
        value: member(key, value),
      })),
      wrap((_, { schema, value }) => ({ schema: { dependentSchemas: { other: schema } }, value })),
      wrap((_, { schema, value }) => ({ schema: { if: schema, else: false, not: true }, value })),
      // Strings that hold documents; a document that is itself a string is not one.
      wrap((key, { schema, value }) => ({
        schema: { properties: member(key, schema) },
        value: JSON.stringify(member(key, value)),
      })),
    ),
  };
});

/** The same schema behind a reference, and inside a list that refers to itself. */
function recursive({ schema, value }: Sample, depth: number): Sample {
  let list: JsonValue = { head: value };
  for (let index = 0; index < depth; index += 1) list = { head: 1, tail: list };
  return {
    schema: {
      $defs: {
        list: { properties: { head: { $ref: "#/$defs/item" }, tail: { $ref: "#/$defs/list" } } },
        item: schema,
      },
      $ref: "#/$defs/list",
    },
    value: list,
  };
}

test("no canary survives whose schema node is marked", () => {
  fc.assert(
    fc.property(sample, fc.nat(8), fc.boolean(), (plain, depth, wrapped) => {
      const { schema, value } = wrapped ? recursive(plain, depth) : plain;
      expect(JSON.stringify(bare.redact(value, schema))).not.toContain(CANARY);
    }),
    { numRuns: 500 },
  );
});

test("plain data without secrets comes back equal", () => {
  const text = fc.constantFrom("", "plain words", "x", "ünï", "[not json", "a/b.c");
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value")),
      fc.dictionary(fc.constantFrom("a", "b", "list", "__proto__"), tie("value"), { noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(value, (input) => {
      expect(createRedactor().redact(input)).toEqual(input);
    }),
  );
});

test("a redactor that has seen other values answers like a new one", () => {
  const key = fc.constantFrom(
    "a",
    "b",
    "note",
    "password",
    "apiKey",
    "__proto__",
    "sk-AbCdEfGhIjKlMnOpQrStUv",
    "name-of-x",
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(
        "plain",
        "password=hunter2!",
        "known-value-1",
        17,
        null,
        undefined,
        '{"a":"b"}',
      ),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(key, tie("value"), { maxKeys: 5 }),
    ),
  }));
  const schema: JsonObject = deepFreeze({
    properties: { a: { properties: { b: { writeOnly: true } } }, note: { $ref: "#" } },
    additionalProperties: { items: { patternProperties: { "^n": { writeOnly: true } } } },
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(value, fc.boolean(), fc.boolean()), { maxLength: 8 }), (turns) => {
      const used = createRedactor();
      let forget: (() => void) | undefined;
      for (const [input, hasSchema, toggles] of turns) {
        if (toggles) {
          forget?.();
          forget = forget === undefined ? used.register("name-of-x") : undefined;
        }
        const fresh = createRedactor();
        if (forget !== undefined) fresh.register("name-of-x");
        const described = hasSchema ? schema : undefined;
        expect(used.redact(input, described)).toEqual(fresh.redact(input, described));
      }
    }),
    { numRuns: 500 },
  );
});

test("redacting twice changes nothing more", () => {
  fc.assert(
    fc.property(fc.json(), fc.string(), (json, text) => {
      const redactor = createRedactor({ personalData: true });
      const once = redactor.redact({ json, text, password: text });
      expect(redactor.redact(once)).toEqual(once);
    }),
  );
});

test("any value at all gives JSON data and never throws", () => {
  fc.assert(
    fc.property(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withBoxedValues: true,
        withSparseArray: true,
      }),
      (input) => {
        // As text, because JSON has no negative zero.
        const text = JSON.stringify(createRedactor().redact(input));
        expect(JSON.stringify(JSON.parse(text))).toBe(text);
      },
    ),
  );
});
