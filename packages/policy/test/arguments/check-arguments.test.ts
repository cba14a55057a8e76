import { encodeUtf8, type JsonObject } from "@symbiont/kit";
import { type ArgumentsResult, checkArguments, prepareSchema } from "@symbiont/policy/arguments";
import { describe, expect, test } from "vitest";

const codeOf = (result: ArgumentsResult): string => (result.denied ? result.code : "accepted");
const check = (input: unknown, schema: unknown): string =>
  codeOf(checkArguments(input, schema as JsonObject));
const PATH: JsonObject = {
  type: "object",
  properties: { path: { type: "string" }, depth: { type: "integer", minimum: 0 } },
  required: ["path"],
};

describe("checkArguments", () => {
  test("gives deeply frozen arguments that are shared with nobody", () => {
    const given = { path: "/a", list: [{ a: 1 }] };
    const result = checkArguments(given, { properties: { path: {}, list: {} } });
    if (result.denied) throw new Error(result.code);
    expect(result.arguments).toEqual(given);
    given.list[0] = { a: 2 };
    expect(result.arguments).toEqual({ path: "/a", list: [{ a: 1 }] });
    expect(Object.isFrozen((result.arguments as unknown as typeof given).list[0])).toBe(true);
    expect(Object.isFrozen(given)).toBe(false);
  });

  test("accepts text, bytes and plain objects alike", () => {
    const text = '{"path":"/a","depth":1}';
    for (const input of [
      text,
      encodeUtf8(text),
      JSON.parse(text),
      Object.assign(Object.create(null), { path: "x" }),
    ]) {
      expect(check(input, PATH)).toBe("accepted");
    }
  });

  test("reports code, reason and place", () => {
    const schema = { properties: { "a/b": { items: { type: "string" } } } };
    expect(checkArguments('{"a/b":["x",1]}', schema)).toEqual({
      denied: true,
      code: "args.schema",
      reason: 'arguments do not fit the schema: type at "/a~1b/1"',
      path: "/a~1b/1",
    });
  });

  test.each<[string, unknown, string]>([
    ["an unknown tool", undefined, "args.unknown_tool"],
    ["no schema", null, "args.no_schema"],
    ["a schema that is no object", true, "args.bad_schema"],
    ["a schema that is a list", [], "args.bad_schema"],
    ["a keyword of the wrong shape", { required: "path" }, "args.bad_schema"],
    ["an unknown type", { type: "strnig" }, "args.bad_schema"],
    ["a remote reference", { $ref: "https://example.com/x" }, "args.bad_schema"],
    ["a relative reference", { $ref: "other.json#/a" }, "args.bad_schema"],
    ["a reference to nothing", { $ref: "#/$defs/ghost" }, "args.bad_schema"],
    ["a dynamic reference", { $dynamicRef: "#x" }, "args.bad_schema"],
    ["an unknown draft", { $schema: "https://example.com/draft" }, "args.bad_schema"],
    ["an id inside", { properties: { path: { $id: "https://example.com/" } } }, "args.bad_schema"],
    ["an invalid pattern", { properties: { path: { pattern: "(" } } }, "args.bad_schema"],
    ["a pattern with a back-reference", { properties: { path: { pattern: "(a)\\1" } } }, "args.bad_schema"],
    ["a negative count", { minProperties: -1 }, "args.bad_schema"],
    ["an endless reference", { $ref: "#" }, "args.bad_schema"],
  ])("denies for %s", (_, schema, code) => {
    expect(check({ path: "/a" }, schema)).toBe(code);
  });

  test("refuses a member that the schema does not speak of, at the top level", () => {
    expect(check('{"path":"/a","x":1}', PATH)).toBe("args.unknown_property");
    expect(check('{"path":"/a","x":1}', { ...PATH, additionalProperties: false })).toBe("args.schema");
    expect(check('{"path":"/a","x":1}', { ...PATH, additionalProperties: true })).toBe("accepted");
    expect(check('{"path":"/a","x":1}', { ...PATH, unevaluatedProperties: { type: "number" } })).toBe(
      "accepted",
    );
    expect(check('{"path":"/a","x":1}', { ...PATH, patternProperties: { "^x$": {} } })).toBe("accepted");
    expect(check('{"path":"/a","x":1}', { allOf: [PATH, { properties: { x: {} } }] })).toBe("accepted");
    expect(
      check('{"path":"/a","x":1}', { $ref: "#/$defs/a", $defs: { a: PATH }, properties: { x: {} } }),
    ).toBe("accepted");
    expect(check('{"path":"/a","o":{"deep":1}}', { ...PATH, properties: { path: {}, o: {} } })).toBe(
      "accepted",
    );
  });

  test("reads drafts 4 to 2020-12 and 2020-12 by default", () => {
    const exclusive = { properties: { n: { minimum: 1, exclusiveMinimum: true } } };
    const draft4 = { $schema: "http://json-schema.org/draft-04/schema#", ...exclusive };
    expect(check({ n: 1 }, draft4)).toBe("args.schema");
    expect(check({ n: 2 }, draft4)).toBe("accepted");
    const tuple = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      properties: { t: { prefixItems: [{ type: "null" }] } },
    };
    expect(check({ t: [1] }, tuple)).toBe("args.schema");
  });

  test("checks formats that are known and safe, and no others", () => {
    const format = (format: string, text: string) => check({ s: text }, { properties: { s: { format } } });
    expect(format("date-time", "2026-01-31T12:00:00Z")).toBe("accepted");
    expect(format("date-time", "yesterday")).toBe("args.schema");
    expect(format("ipv4", "1.2.3.999")).toBe("args.schema");
    expect(format("x-anything", "?")).toBe("accepted");
  });

  test("works with frozen schemas and leaves schemas as they are", () => {
    const schema = Object.freeze({
      type: "object",
      properties: Object.freeze({ path: Object.freeze({ pattern: "^/" }) }),
    });
    expect(check({ path: "/a" }, schema)).toBe("accepted");
    expect(check({ path: "a" }, schema)).toBe("args.schema");
    const before = structuredClone(PATH);
    check({ path: "/a" }, PATH);
    expect(PATH).toEqual(before);
    expect(Object.getOwnPropertyNames(PATH)).toEqual(Object.getOwnPropertyNames(before));
  });
});

describe("prepareSchema", () => {
  test("makes a schema ready for many calls, untouched by later changes", () => {
    const schema = structuredClone(PATH) as { required: string[] } & JsonObject;
    const prepared = prepareSchema(schema);
    schema.required.length = 0;
    expect(prepared.problem).toBeUndefined();
    for (let call = 0; call < 3; call += 1) {
      expect(codeOf(checkArguments({ path: "/a" }, prepared))).toBe("accepted");
      expect(codeOf(checkArguments({}, prepared))).toBe("args.schema");
    }
  });

  test("does not throw for a schema that is refused: it accepts nothing and says why", () => {
    const prepared = prepareSchema({ properties: { a: { type: "x" } } });
    expect(prepared.problem).toMatchObject({ code: "args.bad_schema", path: "/properties/a/type" });
    expect(codeOf(checkArguments({ a: 1 }, prepared))).toBe("args.bad_schema");
  });
});

describe("patterns", () => {
  const pattern = (source: string, text: unknown) =>
    check({ s: text }, { properties: { s: { pattern: source } } });

  test("hold for texts only, and anywhere in them unless anchored", () => {
    expect(pattern("b+", "abc")).toBe("accepted");
    expect(pattern("^b+", "abc")).toBe("args.schema");
    expect(pattern("^b+", 1)).toBe("accepted");
    expect(pattern("^b+", ["x"])).toBe("accepted");
    expect(pattern("^[a-z0-9]+(?:-[a-z0-9]+)*$", "kebab-case-1")).toBe("accepted");
    expect(pattern("^[a-z0-9]+(?:-[a-z0-9]+)*$", "kebab--case")).toBe("args.schema");
    expect(pattern("^\\S+@\\S+\\.\\S+$", "a@b.c")).toBe("accepted");
  });

  test("mean the same under not, anyOf, if and in names", () => {
    const s = (schema: unknown) => ({ properties: { s: schema }, additionalProperties: true });
    expect(check({ s: "rm -rf" }, s({ not: { pattern: "^rm" } }))).toBe("args.schema");
    expect(check({ s: "ls" }, s({ not: { pattern: "^rm" } }))).toBe("accepted");
    expect(check({ s: "b" }, s({ anyOf: [{ pattern: "^a" }, { pattern: "^b" }] }))).toBe("accepted");
    expect(check({ s: "c" }, s({ anyOf: [{ pattern: "^a" }, { pattern: "^b" }] }))).toBe("args.schema");
    expect(check({ s: "ab" }, s({ oneOf: [{ pattern: "^a" }, { pattern: "b$" }] }))).toBe("args.schema");
    expect(check({ s: "ab" }, s(JSON.parse('{"if":{"pattern":"^a"},"then":{"maxLength":1}}')))).toBe(
      "args.schema",
    );
    expect(check({ s: { x1: 1 } }, s({ propertyNames: { pattern: "^x" } }))).toBe("accepted");
    expect(check({ s: { y1: 1 } }, s({ propertyNames: { pattern: "^x" } }))).toBe("args.schema");
    expect(check({ s: "ab" }, s({ pattern: "^a", allOf: [{ pattern: "b$" }] }))).toBe("accepted");
    expect(check({ s: "ac" }, s({ pattern: "^a", allOf: [{ pattern: "b$" }] }))).toBe("args.schema");
  });

  test("of properties apply to every name that matches, each of them", () => {
    const schema = {
      patternProperties: { "^a": { type: "number" }, "^ab": { maximum: 5 }, "^[.*]": { type: "null" } },
    };
    expect(check({ abc: 4 }, schema)).toBe("accepted");
    expect(check({ abc: 6 }, schema)).toBe("args.schema");
    expect(check({ abc: "x" }, schema)).toBe("args.schema");
    expect(check({ ".": null, "*|a": null }, schema)).toBe("accepted");
    expect(check({ ".": 1 }, schema)).toBe("args.schema");
    expect(check({ b: 1 }, schema)).toBe("args.unknown_property");
    expect(check({ abc: 4, b: 1 }, { ...schema, additionalProperties: false })).toBe("args.schema");
    const referring = {
      patternProperties: { "^a": { $ref: "#/$defs/n" } },
      $defs: { n: { type: "number" } },
    };
    expect(check({ a: 1 }, referring)).toBe("accepted");
    expect(check({ a: "x" }, referring)).toBe("args.schema");
  });
});
