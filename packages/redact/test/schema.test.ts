import { deepFreeze, type JsonObject } from "@symbiont/kit";
import { createRedactor } from "@symbiont/redact";
import { schemaFromZod } from "@symbiont/redact/zod";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";

const SECRET = "canary-7f3a";
// Nothing but the schema: neither names nor texts help.
const bare = createRedactor({ builtInNames: false, scanStrings: false });
const out = (value: unknown, schema: JsonObject): string => JSON.stringify(bare.redact(value, schema));

const places: [string, JsonObject, unknown][] = [
  ["x-sensitive", { properties: { a: { "x-sensitive": true } } }, { a: SECRET }],
  ["sensitive", { properties: { a: { sensitive: "high" } } }, { a: SECRET }],
  ["x-redact", { properties: { a: { "x-redact": true } } }, { a: SECRET }],
  ["writeOnly", { properties: { a: { writeOnly: true } } }, { a: { deep: [SECRET] } }],
  ["format password", { properties: { a: { format: "password" } } }, { a: SECRET }],
  ["patternProperties", { patternProperties: { "^s_": { writeOnly: true } } }, { s_1: SECRET }],
  ["a pattern that is not run", { patternProperties: { "^(a+)+$": { writeOnly: true } } }, { b: SECRET }],
  [
    "additionalProperties",
    { properties: { b: {} }, additionalProperties: { writeOnly: true } },
    { a: SECRET },
  ],
  ["propertyNames", { propertyNames: { writeOnly: true } }, { [SECRET]: 1 }],
  [
    "propertyNames behind a reference",
    { $defs: { s: { writeOnly: true } }, propertyNames: { $ref: "#/$defs/s" } },
    { [SECRET]: 1 },
  ],
  [
    "propertyNames with alternatives",
    { propertyNames: { anyOf: [{}, { writeOnly: true }] } },
    { [SECRET]: 1 },
  ],
  ["propertyNames that cannot be read", { propertyNames: { $ref: "https://x.example/s" } }, { [SECRET]: 1 }],
  [
    "an $id that data has too",
    {
      properties: { a: { $ref: "s", default: { $id: "s" } } },
      $defs: { real: { $id: "s", writeOnly: true } },
    },
    { a: SECRET },
  ],
  ["items", { items: { writeOnly: true } }, [SECRET]],
  ["prefixItems", { prefixItems: [{}, { writeOnly: true }] }, [1, SECRET]],
  ["items behind a prefix", { prefixItems: [{}], items: { writeOnly: true } }, [1, SECRET]],
  ["items of draft-07", { items: [{}, { writeOnly: true }] }, [1, SECRET]],
  ["contains", { contains: { writeOnly: true } }, [SECRET]],
  ["anyOf", { anyOf: [{}, { properties: { a: { writeOnly: true } } }] }, { a: SECRET }],
  ["if and else", { if: {}, else: { properties: { a: { writeOnly: true } } } }, { a: SECRET }],
  [
    "dependentSchemas",
    { dependentSchemas: { b: { properties: { a: { writeOnly: true } } } } },
    { a: SECRET },
  ],
  ["$ref", { $defs: { s: { writeOnly: true } }, properties: { a: { $ref: "#/$defs/s" } } }, { a: SECRET }],
  [
    "a marker beside $ref",
    { $defs: { s: {} }, properties: { a: { $ref: "#/$defs/s", writeOnly: true } } },
    { a: SECRET },
  ],
  [
    "$anchor",
    { $defs: { s: { $anchor: "x", writeOnly: true } }, properties: { a: { $ref: "#x" } } },
    { a: SECRET },
  ],
  [
    "$dynamicRef",
    { $defs: { s: { $dynamicAnchor: "n", writeOnly: true } }, properties: { a: { $dynamicRef: "#n" } } },
    { a: SECRET },
  ],
  [
    "an embedded resource",
    {
      $defs: {
        r: {
          $id: "https://x.example/r",
          $defs: { s: { writeOnly: true } },
          properties: { a: { $ref: "#/$defs/s" } },
        },
      },
      $ref: "https://x.example/r",
    },
    { a: SECRET },
  ],
  [
    "recursion",
    { properties: { a: { writeOnly: true }, next: { $ref: "#" } } },
    { next: { next: { next: { a: SECRET } } } },
  ],
  [
    "an OpenAPI discriminator",
    {
      discriminator: { propertyName: "t", mapping: { c: "Cat" } },
      components: { schemas: { Cat: { properties: { a: { writeOnly: true } } } } },
    },
    { t: "c", a: SECRET },
  ],
  ["JSON in a string", { properties: { a: { writeOnly: true } } }, JSON.stringify({ a: SECRET })],
  [
    "JSON in a JSON string",
    { properties: { a: { writeOnly: true } } },
    JSON.stringify(JSON.stringify({ a: SECRET })),
  ],
  [
    "JSON in a JSON string in a JSON string",
    { properties: { o: { properties: { a: { writeOnly: true } } } } },
    { o: ` ${JSON.stringify(JSON.stringify(`\n${JSON.stringify({ a: SECRET })}`))}` },
  ],
  [
    "cut-off JSON in a JSON string",
    { properties: { a: { writeOnly: true } } },
    JSON.stringify(JSON.stringify({ a: SECRET })).slice(0, -4),
  ],
  [
    "cut-off JSON in a string",
    { properties: { a: { writeOnly: true } } },
    JSON.stringify({ a: SECRET }).slice(0, -2),
  ],
  [
    "contentSchema",
    { contentSchema: { properties: { a: { writeOnly: true } } } },
    JSON.stringify({ a: SECRET }),
  ],
  ["contentSchema of unreadable content", { contentSchema: { writeOnly: true } }, SECRET],
];

describe("a marker is found", () => {
  test.each(places)("by %s", (_, schema, value) => {
    expect(out(value, schema)).not.toContain(SECRET);
    expect(out(value, {})).toContain(SECRET);
  });
});

describe("what cannot be read redacts everything", () => {
  test.each<[string, JsonObject]>([
    ["a remote reference", { $ref: "https://example.com/schema.json" }],
    ["a dangling reference", { $ref: "#/$defs/none" }],
    ["properties that are none", { properties: 1 }],
    ["a schema that is none", null as never],
  ])("%s", (_, schema) => {
    const onUnreadableSchema = vi.fn();
    const strict = createRedactor({ onUnreadableSchema });
    expect(strict.redact({ a: "harmless" }, schema)).toBe("[REDACTED:schema]");
    expect(onUnreadableSchema).toHaveBeenCalledOnce();
  });

  test("only where it cannot be read", () => {
    const schema = { properties: { a: { $ref: "https://example.com/s" }, b: {} } };
    expect(bare.redact({ a: 1, b: 2 }, schema)).toEqual({ a: "[REDACTED:schema]", b: 2 });
  });

  test("and it is said of a part, once for a frozen schema", () => {
    const onUnreadableSchema = vi.fn();
    const told = createRedactor({ onUnreadableSchema });
    const schema: JsonObject = deepFreeze({
      properties: { a: { items: { $ref: "https://example.com/s" } } },
    });
    for (const value of [{ a: [1] }, { b: 2 }]) told.redact(value, schema);
    expect(onUnreadableSchema.mock.calls).toEqual([[schema]]);
  });

  test("a schema whose getter throws", () => {
    const schema = Object.defineProperty({}, "properties", {
      enumerable: true,
      get: () => {
        throw new Error("no");
      },
    });
    expect(bare.redact({ a: 1 }, schema)).toBe("[REDACTED:schema]");
  });
});

test("what no marker covers stays", () => {
  const schema = {
    properties: { a: { writeOnly: false }, sensitive: { type: "string" } },
    additionalProperties: false,
  };
  const value = { a: 1, sensitive: "x", c: [true, null] };
  expect(bare.redact(value, schema)).toEqual(value);
});

test("a frozen schema is read once, another one each time", () => {
  const frozen: JsonObject = deepFreeze({ properties: { a: { writeOnly: true } } });
  expect(bare.redact({ a: 1 }, frozen)).toEqual(bare.redact({ a: 1 }, frozen));
  const open: { properties: Record<string, JsonObject> } = { properties: {} };
  expect(bare.redact({ a: 1 }, open)).toEqual({ a: 1 });
  open.properties["a"] = { writeOnly: true };
  expect(bare.redact({ a: 1 }, open)).toEqual({ a: "[REDACTED:a]" });
});

test("zod schemas carry their marks through unions, defaults and recursion", () => {
  const Node = z.object({
    secret: z.string().meta({ sensitive: true }).optional(),
    pick: z
      .union([z.number(), z.object({ deep: z.string().default("x").meta({ sensitive: true }) })])
      .optional(),
    get next() {
      return Node.optional();
    },
  });
  const schema = schemaFromZod(Node);
  const value = { secret: SECRET, pick: { deep: SECRET }, next: { next: { secret: SECRET } } };
  expect(out(value, schema)).not.toContain(SECRET);
  expect(out({ pick: 3 }, schema)).toBe('{"pick":3}');
});

const marked = (): z.ZodString => z.string().meta({ sensitive: true });
const keeper: z.ZodType = z.lazy(() =>
  z.object({ s: marked().optional(), m: z.map(z.string(), keeper).optional() }),
);
const hidden: [string, z.ZodType, unknown][] = [
  ["what a pipe leads to", z.string().pipe(marked()), SECRET],
  ["the middle of two pipes", z.string().pipe(marked()).pipe(z.string()), SECRET],
  ["a codec", z.codec(z.string(), marked(), { decode: (text) => text, encode: (text) => text }), SECRET],
  [
    "the document that text becomes",
    z.string().pipe(z.preprocess(String, z.object({ a: marked() }))),
    { a: SECRET },
  ],
  ["the values of a map", z.map(z.string(), marked()), new Map([["a", SECRET]])],
  ["the keys of a map", z.map(marked(), z.string()), new Map([[SECRET, "a"]])],
  ["a set", z.set(z.object({ a: marked() })), new Set([{ a: SECRET }])],
  ["a map of itself", keeper, { m: new Map([["a", { m: new Map([["b", { s: SECRET }]]) }]]) }],
];

test.each(hidden)("a zod mark is found in %s", (_, schema, value) => {
  const object = schemaFromZod(z.object({ at: schema }));
  expect(out({ at: value }, object)).not.toContain(SECRET);
  expect(out({ at: value, other: "seen" }, object)).toContain('"other":"seen"');
});

test("text in quotes that is no document stays as it is", () => {
  const schema = { properties: { a: { writeOnly: true } } };
  for (const text of ['"well" she said', JSON.stringify("well"), '"', '"{'.slice(0, 1)])
    expect(createRedactor().redact({ text }, schema)).toEqual({ text });
});
