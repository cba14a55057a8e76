import { createHash } from "node:crypto";
import {
  canonicalJson,
  encodeHex,
  encodeUtf8,
  parseJson,
  parseJsonTree,
  SCHEMAPIN_V1,
  writeJsonTree,
} from "@symbiont/kit";
import { expect } from "vitest";
import type { ConformanceSuite } from "../../../scripts/conformance/suite.ts";

/** Reasons in the canonicalization vectors for which no reader may accept the text at all. */
const unreadable: Readonly<Record<string, string>> = {
  "duplicate-key": "JSON_DUPLICATE_NAME",
  "forbidden-key": "JSON_RESERVED_NAME",
  "invalid-json": "JSON_SYNTAX",
  "invalid-utf8": "JSON_ILL_FORMED_TEXT",
  "lone-surrogate": "JSON_ILL_FORMED_TEXT",
  "too-deep": "JSON_TOO_DEEP",
  bom: "JSON_SYNTAX",
};

export const suite: ConformanceSuite = {
  "audit/canonical-json.json": (data, check) => {
    for (const { name, input, canonical, utf8Hex, sha256, leafHash } of data.cases) {
      check(name, () => {
        const text = canonicalJson(parseJson(input, { unsafeIntegers: "round" }));
        const bytes = encodeUtf8(text);
        expect(text).toBe(canonical);
        expect(encodeHex(bytes)).toBe(utf8Hex);
        expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
        expect(createHash("sha256").update(new Uint8Array(1)).update(bytes).digest("hex")).toBe(leafHash);
      });
    }
    for (const { name, js } of data.reject) {
      check(`refuses ${name}`, () => {
        const value = build(js);
        expect(() => canonicalJson(value)).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^CANONICAL_/) }),
        );
      });
    }
  },
  "schemapin/canonicalization.json": (data, check) => {
    for (const { name, input_hex, outputs, expect: expected } of data.cases) {
      const bytes = Uint8Array.from(Buffer.from(input_hex, "hex"));
      const options = { reservedNames: [] };
      const code = unreadable[expected.reason];
      if (code !== undefined) {
        check(`${name} is unreadable`, () => {
          expect(() => parseJsonTree(bytes, options)).toThrow(expect.objectContaining({ code }));
        });
        continue;
      }
      if (expected.sign === "ok") {
        check(`${name} in schemapin-v1`, () => {
          expect(writeJsonTree(parseJsonTree(bytes, options), SCHEMAPIN_V1)).toBe(expected.canonical);
        });
      }
      if (typeof outputs?.rfc8785_jcs === "string") {
        check(`${name} in RFC 8785`, () => {
          expect(canonicalJson(parseJson(bytes, { ...options, unsafeIntegers: "round" }))).toBe(
            outputs.rfc8785_jcs,
          );
        });
      }
    }
  },
};

/** The refused values are given as JavaScript, since JSON cannot spell them. */
function build(source: string): unknown {
  const nested = /^(\d+) nested arrays$/.exec(source);
  if (nested !== null) {
    let value: unknown[] = [];
    for (let depth = 1; depth < Number(nested[1]); depth += 1) value = [value];
    return value;
  }
  return new Function("o", source.startsWith("o.") ? `${source}; return o;` : `return (${source});`)({});
}
