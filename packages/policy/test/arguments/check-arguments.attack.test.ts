import type { JsonObject } from "@symbiont/kit";
import { checkArguments, prepareSchema } from "@symbiont/policy/arguments";
import { describe, expect, test } from "vitest";

const check = (input: unknown, schema: unknown): string => {
  const result = checkArguments(input, schema as JsonObject);
  return result.denied ? result.code : "accepted";
};
const ANY = { additionalProperties: true };
const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return { a: value };
};

describe("hostile arguments", () => {
  test.each(["__proto__", "constructor", "prototype", "__entity", "__extn", "__expr"])(
    "refuses the member name %s at any depth, parsed or not",
    (name) => {
      const text = `{"a":[{"${name}":1}]}`;
      expect(check(text, ANY)).toBe("args.reserved_key");
      expect(check(JSON.parse(text), ANY)).toBe("args.reserved_key");
      expect(check(text.replace("_", "\\u005f"), ANY)).toBe("args.reserved_key");
    },
  );

  test.each<[string, unknown, string]>([
    [
      "a getter",
      {
        get a() {
          return 1;
        },
      },
      "args.not_json",
    ],
    ["toJSON", { a: { toJSON: () => 1 } }, "args.not_json"],
    [
      "a class instance",
      {
        a: new (class {
          b = 1;
        })(),
      },
      "args.not_json",
    ],
    ["a date", { a: new Date() }, "args.not_json"],
    ["a Map", { a: new Map() }, "args.not_json"],
    ["a hole", { a: [, 1] }, "args.not_json"], // eslint-disable-line no-sparse-arrays
    ["undefined", { a: undefined }, "args.not_json"],
    ["a bigint", { a: 1n }, "args.not_json"],
    ["a function", { a: () => 1 }, "args.not_json"],
    ["NaN", { a: Number.NaN }, "args.not_json"],
    ["an array", [1], "args.not_object"],
    ["null", null, "args.not_object"],
    ["a number", 1, "args.not_object"],
    ["an unsafe integer", { a: 2 ** 53 }, "args.unsafe_integer"],
    ["an unsafe integer in text", '{"a":9007199254740993}', "args.unsafe_integer"],
    ["a lone surrogate", { a: "\ud800" }, "args.ill_formed_string"],
    ["a lone surrogate in a name", { "\udc00": 1 }, "args.ill_formed_string"],
    ["too deep a value", nested(64), "args.too_deep"],
    ["too deep a text", JSON.stringify(nested(64)), "args.too_deep"],
    ["too long a text", { a: "x".repeat(262_145) }, "args.too_large"],
    ["too many elements", { a: Array.from({ length: 300_000 }, () => 1) }, "args.too_large"],
    ["bytes that are no UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), "args.ill_formed_string"],
    ["two documents", "{} {}", "args.not_json"],
    ["a byte order mark", "\ufeff{}", "args.not_json"],
    ["duplicate names", '{"a":1,"\\u0061":2}', "args.duplicate_key"],
  ])("refuses %s", (_, input, code) => {
    expect(check(input, ANY)).toBe(code);
  });

  test("a value that contains itself is too deep", () => {
    const a: Record<string, unknown> = {};
    a["a"] = a;
    expect(check(a, ANY)).toBe("args.too_deep");
  });

  test("an input that throws when looked at is denied", () => {
    const input = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("x");
        },
      },
    );
    expect(check(input, ANY)).not.toBe("accepted");
  });

  test("reasons show no more than a short escaped piece of the input", () => {
    const name = `${"n".repeat(500)}\u202e`;
    const result = checkArguments({ [name]: 1 }, { properties: {} });
    if (!result.denied) throw new Error("accepted");
    expect(result.reason.length).toBeLessThan(120);
    expect(result.reason).not.toContain("\u202e");
  });
});

describe("hostile schemas", () => {
  test.each([
    "^(a+)+$",
    "^(a|a)*$",
    "^(a|aa)+$",
    "(a*)*b",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(x+x+)+y",
    "^(.*)*$",
  ])("the pattern %s takes no more than linear time", (pattern) => {
    const text = `${"a".repeat(50_000)}!`;
    const schema = { properties: { s: { pattern } } };
    expect(["accepted", "args.schema", "args.too_large"]).toContain(check({ s: text }, schema));
  });

  test.each([
    "(?:){1000000000}",
    "(a{1000}){1000}",
    "((a{100}){100}){100}",
    "a{99999}",
    "(?=a)a",
    "(?<!a)b",
    "\\k<a>(?<a>b)",
  ])("refuses the pattern %s", (pattern) => {
    expect(check({ s: "a" }, { properties: { s: { pattern } } })).toBe("args.bad_schema");
  });

  test("references that double at every step run into the limit of work", () => {
    const $defs: Record<string, unknown> = { d40: { type: "object" } };
    for (let step = 0; step < 40; step += 1) {
      $defs[`d${step}`] = { allOf: [{ $ref: `#/$defs/d${step + 1}` }, { $ref: `#/$defs/d${step + 1}` }] };
    }
    expect(check({}, { $ref: "#/$defs/d0", $defs })).toBe("args.too_large");
  });

  test("a recursive schema with two ways down runs into the limit of work", () => {
    const node = { properties: { a: { $ref: "#/$defs/node" } } };
    const schema = {
      ...ANY,
      $ref: "#/$defs/node",
      $defs: { node: { allOf: [node, node], anyOf: [node, node] } },
    };
    let value: unknown = {};
    for (let level = 0; level < 60; level += 1) value = { a: value };
    expect(check(value, schema)).toBe("args.too_large");
    expect(check({ a: { a: {} } }, schema)).toBe("accepted");
  });

  test("uniqueness of many elements runs into the limit of work, of few it is checked", () => {
    const schema = { properties: { l: { uniqueItems: true } } };
    const list = (length: number) => Array.from({ length }, (_, index) => index);
    expect(check({ l: list(500) }, schema)).toBe("accepted");
    expect(check({ l: [...list(500), 0] }, schema)).toBe("args.schema");
    expect(check({ l: list(40_000) }, schema)).toBe("args.too_large");
    expect(check({ l: list(2000).map((n) => ({ n, deep: [n, n, n] })) }, schema)).toBe("args.too_large");
  });

  test("a long list against many alternatives runs into the limit of work", () => {
    const anyOf = Array.from({ length: 500 }, (_, index) => ({ const: index }));
    const schema = { properties: { l: { items: { anyOf } } } };
    expect(check({ l: Array.from({ length: 50_000 }, () => 499) }, schema)).toBe("args.too_large");
    expect(check({ l: [499] }, schema)).toBe("accepted");
  });

  test.each<[string, (index: number) => object]>([
    ["lengths", (index) => ({ type: "string", maxLength: 150_000 - index })],
    ["formats", (index) => ({ type: "string", format: "hostname", maxLength: 1_000_000 + index })],
  ])("a long text against many %s runs into the limit of work", (_, make) => {
    const anyOf = Array.from({ length: 1900 }, (__, index) => make(index));
    const text = "x".repeat(200_000);
    expect(check({ s: text }, { properties: { s: { anyOf } } })).toBe("args.too_large");
    const reference = { ...ANY, $defs: { a: { anyOf } }, properties: { s: { $ref: "#/$defs/a" } } };
    expect(check({ s: text }, reference)).toBe("args.too_large");
    expect(check({ s: "x" }, { properties: { s: { anyOf } } })).toBe("accepted");
  });

  test("a member named __proto__ in a schema changes nothing but that name", () => {
    const schema = JSON.parse('{"properties":{"__proto__":{"type":"string"},"a":{"type":"number"}}}');
    expect(check({ a: 1 }, schema)).toBe("accepted");
    expect(({} as Record<string, unknown>)["type"]).toBeUndefined();
  });

  test("schemas that are too large, too deep or contain themselves are refused", () => {
    const wide = {
      properties: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`p${index}`, {}])),
    };
    let deep: unknown = {};
    for (let level = 0; level < 100; level += 1) deep = { not: deep };
    const round: Record<string, unknown> = {};
    round["not"] = round;
    for (const schema of [wide, deep, round, { enum: Array.from({ length: 20_000 }, (_, index) => index) }]) {
      expect(prepareSchema(schema).problem?.code).toBe("args.bad_schema");
    }
  });

  test("a schema that throws when looked at is refused", () => {
    const schema = {
      get properties(): never {
        throw new Error("x");
      },
    };
    expect(prepareSchema(schema).problem?.code).toBe("args.bad_schema");
  });

  test("URL-like formats take no more than linear time", () => {
    for (const format of [
      "uri",
      "uri-reference",
      "email",
      "hostname",
      "ipv6",
      "duration",
      "date-time",
      "json-pointer",
      "url",
    ]) {
      for (const unit of ["a", "a.", "a-", "/a", "%41", ":", "1:", "@a", "P1Y", "[", "~0"]) {
        const text = `${unit.repeat(20_000)} `;
        expect(["accepted", "args.schema"]).toContain(check({ s: text }, { properties: { s: { format } } }));
      }
    }
  });
});
