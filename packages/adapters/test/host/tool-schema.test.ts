import { describe, expect, test } from "vitest";
import { z } from "zod";
import { toolSchema } from "../../src/host/tool-schema.ts";

const properties = { path: { type: "string" } };

describe("the schema of a tool", () => {
  const object = z.object({ path: z.string(), depth: z.number().default(3) });

  test("of a Standard Schema has what the model writes on one side, what the tool gets on the other", async () => {
    expect(await toolSchema("t", object, "input")).toMatchObject({ required: ["path"] });
    expect(await toolSchema("t", object, "output")).toMatchObject({ required: ["path", "depth"] });
  });

  test.each([
    ["JSON Schema", { type: "object", properties }],
    ["an object that holds it", { jsonSchema: { type: "object", properties } }],
    ["one that promises it", { jsonSchema: Promise.resolve({ type: "object", properties }) }],
    ["a function that gives it", () => ({ jsonSchema: { type: "object", properties } })],
  ])("is read from %s", async (_what, schema) => {
    expect(await toolSchema("t", schema, "input")).toEqual({ type: "object", properties });
  });

  test("that is absent takes no arguments at all", async () => {
    expect(await toolSchema("t", undefined, "input")).toMatchObject({ additionalProperties: false });
  });

  test.each([
    ["a schema that makes other things of text", z.object({ when: z.coerce.date() })],
    ["a schema that cannot be written as JSON Schema", { "~standard": { version: 1, vendor: "x" } }],
    ["an empty object", {}],
    ["text", "object"],
    ["null inside", { jsonSchema: null }],
    ["a list", []],
  ])("is refused when it is %s", async (_what, schema) => {
    await expect(toolSchema("t", schema, "output")).rejects.toMatchObject({ code: "ADAPTER_HOST_UNKNOWN" });
  });
});
