import { checkArguments, type StandardSchema } from "@symbiont/policy/arguments";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const schema: StandardSchema = z.object({ path: z.string().max(10), depth: z.number().int().default(1) });
const outcome = (input: unknown, by: StandardSchema = schema) => {
  const result = checkArguments(input, by);
  return result.denied ? `${result.code} ${result.path}`.trim() : result.arguments;
};
const made = (validate: StandardSchema["~standard"]["validate"], version = 1): StandardSchema => ({
  "~standard": { version: version as 1, vendor: "test", validate },
});

describe("arguments against a Standard Schema", () => {
  test("are what the schema makes of them, deeply frozen", () => {
    const result = checkArguments('{"path":"/a"}', schema);
    expect(result).toEqual({ denied: false, arguments: { path: "/a", depth: 1 } });
    expect(!result.denied && Object.isFrozen(result.arguments)).toBe(true);
  });

  test.each<[unknown, string]>([
    ['{"path":1}', "args.schema /path"],
    ['{"path":"/a/very/long/path"}', "args.schema /path"],
    ["{}", "args.schema /path"],
    ['{"path":"/a","path":"/b"}', "args.duplicate_key"],
    ['{"path":"/a","__proto__":{}}', "args.reserved_key"],
    ['{"path":"/a","mode":"write"}', "args.unknown_property /mode"],
    ["[]", "args.not_object"],
  ])("%s is refused: %s", (input, expected) => {
    expect(outcome(input)).toBe(expected);
  });

  test("reasons do not repeat what the model wrote", () => {
    const result = checkArguments('{"path":"secret-token-1234567890"}', schema);
    expect(JSON.stringify(result)).not.toContain("secret-token");
  });

  test.each<[string, StandardSchema]>([
    ["answers later", made(async (value) => ({ value }))],
    ["rejects later", made(async () => Promise.reject(new Error("x")))],
    ["is of another version", made((value) => ({ value }), 2)],
    [
      "throws",
      made(() => {
        throw new Error("x");
      }),
    ],
    ["has no validator", made("no" as never)],
    ["answers nothing", made(() => undefined as never)],
  ])("a schema that %s denies", (_, by) => {
    expect(outcome("{}", by)).toBe("args.bad_schema");
  });

  test.each<[string, unknown]>([
    ["a date", new Date()],
    ["a function", () => 1],
    ["a class instance", new (class A {})()],
    ["NaN", Number.NaN],
  ])("a schema that makes %s of an argument denies, since it could not be recorded as it is", (_, value) => {
    expect(
      outcome(
        '{"a":1}',
        made(() => ({ value: { a: value } })),
      ),
    ).toMatch(/^args\.not_json/);
  });
});
