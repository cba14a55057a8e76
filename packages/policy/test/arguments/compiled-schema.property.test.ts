import { checkArguments, prepareSchema } from "@symbiont/policy/arguments";
import { expect, test } from "vitest";
import { compareCompiledWithInterpreted } from "./schema-agreement.ts";

test("compiled and interpreted schemas accept the same arguments, and refuse them with the same words", () => {
  expect(compareCompiledWithInterpreted(400)).toBeGreaterThan(30);
});

test("a prepared schema does not change with its original", () => {
  const source = { properties: { a: { type: "string" } } };
  const prepared = prepareSchema(source);
  source.properties.a.type = "number";
  expect(checkArguments({ a: "x" }, prepared).denied).toBe(false);
  expect(checkArguments({ a: 1 }, prepared)).toMatchObject({ denied: true, code: "args.schema" });
});
