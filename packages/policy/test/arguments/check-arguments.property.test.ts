import type { JsonValue } from "@symbiont/kit";
import { type ArgumentsResult, checkArguments } from "@symbiont/policy/arguments";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

// As text, 1e300 is a number like any other; as a value, it cannot be told from an integer that lost digits.
const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => !/\de\+/.test(JSON.stringify(value)));
const schema = { additionalProperties: true };

describe("checkArguments", () => {
  test("accepts every plain object within its bounds, as text and as value, with the same result", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ unit: "grapheme" }).map((name) => `n${name}`),
          json,
        ),
        (value) => {
          const plain = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
          const fromText = checkArguments(JSON.stringify(plain), schema);
          const fromValue = checkArguments(plain, schema);
          const outcome = (result: ArgumentsResult) => (result.denied ? result.code : result.arguments);
          expect(outcome(fromValue)).toEqual(outcome(fromText));
          if (!fromText.denied) expect(fromText.arguments).toEqual(plain);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test("never throws, whatever the input and the schema", () => {
    fc.assert(
      fc.property(
        fc.anything({ withMap: true, withDate: true, withBigInt: true }),
        fc.anything(),
        (input, odd) => {
          const result = checkArguments(input, odd as never);
          expect(typeof result.denied).toBe("boolean");
          if (result.denied) expect(result.code).toMatch(/^args\.[a-z_]+$/);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  test("never throws for schemas made of keywords with odd values", () => {
    const keyword = fc.constantFrom(
      "type",
      "properties",
      "items",
      "$ref",
      "allOf",
      "not",
      "enum",
      "pattern",
      "required",
      "minimum",
      "uniqueItems",
      "$defs",
      "patternProperties",
      "dependencies",
      "multipleOf",
    );
    const odd = fc.letrec<{ any: JsonValue }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom("string", "#", "#/$defs/a", 1, -1, 0, true, null, "^a"),
        fc.array(tie("any"), { maxLength: 2 }),
        fc.dictionary(keyword, tie("any"), { maxKeys: 3 }),
      ),
    })).any;
    fc.assert(
      fc.property(fc.dictionary(keyword, odd, { maxKeys: 4 }), json, (schema, value) => {
        const result = checkArguments({ a: value }, schema);
        if (result.denied) expect(result.code).toMatch(/^args\.[a-z_]+$/);
      }),
      { numRuns: 5_000 },
    );
  });
});
