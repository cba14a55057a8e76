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
