import { generateKeyPair, importPublicKeyPem, sha256, verify } from "@symbiont/keys";
import { decodeBase64 } from "@symbiont/kit";
import { canonicalize, signSchema, signTool } from "@symbiont/schemapin";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { domain, key, readFile } from "./fixtures.ts";

const refused = (code: string) => expect.objectContaining({ code }) as Error;

describe("signing", () => {
  test("is deterministic, and both engines accept it", () => {
    const one = signSchema(readFile, key);
    expect(signSchema(readFile, key)).toEqual(one);
    const { text } = canonicalize(readFile);
    for (const engine of ["runtime", "noble"] as const) {
      const publicKey = importPublicKeyPem(key.publicKey.toPem());
      expect(verify(publicKey, decodeBase64(one.signature), sha256(text), { engine })).toBe(true);
    }
  });

  test("does not depend on member order or white space", () => {
    expect(signSchema('{ "b" : 1, "a" : [ 2 ] }', key)).toEqual(signSchema({ a: [2], b: 1 }, key));
  });

  test.each<[string, unknown, string]>([
    ["undefined members", { a: undefined }, "SCHEMAPIN_CANONICALIZATION_FAILED"],
    [
      "a getter",
      {
        get a() {
          return 1;
        },
      },
      "SCHEMAPIN_CANONICALIZATION_FAILED",
    ],
    ["an array", [1], "SCHEMAPIN_CANONICALIZATION_FAILED"],
    ["integer-like names out of order", { 10: 1, 9: 1 }, "SCHEMAPIN_NOT_PORTABLE"],
    ["a number that others write differently", { a: 1e-7 }, "SCHEMAPIN_NOT_PORTABLE"],
  ])("refuses %s", (_, schema, code) => {
    expect(() => signSchema(schema as object, key)).toThrow(refused(code));
  });

  test("refuses a key of another kind", () => {
    expect(() => signSchema(readFile, generateKeyPair("Ed25519").privateKey)).toThrow(TypeError);
  });

  test("refuses members that clients drop, and tools without a description", () => {
    const options = { key, domain };
    expect(() => signTool({ ...readFile, annotations: { verified: true } }, options)).toThrow(
      refused("SCHEMAPIN_NOT_PORTABLE"),
    );
    expect(() => signTool({ ...readFile, icons: [{ src: "x", onclick: "y" }] }, options)).toThrow(
      refused("SCHEMAPIN_NOT_PORTABLE"),
    );
    const { description: _, ...bare } = readFile;
    expect(() => signTool(bare, options)).toThrow(refused("SCHEMAPIN_COVERAGE_INSUFFICIENT"));
  });

  test("what is portable is written as JavaScript, Python and all others would", () => {
    const name = fc
      .string({ unit: "grapheme-ascii", maxLength: 6 })
      .filter((text) => !/^\d+$/.test(text) && text !== "__proto__");
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: "grapheme" }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("any"), { maxLength: 4 }),
        fc.dictionary(name, tie("any"), { maxKeys: 5 }),
      ),
    })).any;
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 5 }), (schema) => {
        const { text, issues } = canonicalize(schema);
        expect(issues).toEqual([]);
        expect(text).toBe(sortedStringify(schema));
      }),
    );
  });
});

/** The reference JavaScript algorithm: sort every object's names, then stringify. */
function sortedStringify(value: unknown): string {
  const sort = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(sort);
    if (typeof item !== "object" || item === null) return item;
    return Object.fromEntries(
      Object.keys(item)
        .sort()
        .map((name) => [name, sort((item as Record<string, unknown>)[name])]),
    );
  };
  return JSON.stringify(sort(value));
}
