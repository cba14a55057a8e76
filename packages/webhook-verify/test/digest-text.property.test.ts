import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { decodeBytes, decodeDigest, encodeDigest } from "../src/internal/digest-text.ts";

const { Buffer: runtime } = globalThis;
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...Array.from("0189afAFgZ+/-_= \n\u0161")), maxLength: 12 }),
);

describe("the runtime's decoder and the strict one", () => {
  afterEach(() => {
    globalThis.Buffer = runtime;
  });

  test.each(["hex", "base64", "base64url"] as const)("agree on every text in %s", (encoding) => {
    fc.assert(
      fc.property(text, (text) => {
        const fast = decodeBytes(text, encoding);
        Reflect.deleteProperty(globalThis, "Buffer");
        const strict = decodeBytes(text, encoding);
        globalThis.Buffer = runtime;
        expect(fast === undefined ? undefined : [...fast]).toEqual(
          strict === undefined ? undefined : [...strict],
        );
      }),
      { numRuns: 2000 },
    );
  });

  test("read back what was written, and only at the right length", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 70 }), (bytes) => {
        for (const encoding of ["hex", "base64"] as const) {
          const written = encodeDigest(bytes, encoding);
          expect([...(decodeDigest(written, encoding, bytes.length) ?? [])]).toEqual([...bytes]);
          expect(decodeDigest(written, encoding, bytes.length + 1)).toBeUndefined();
        }
      }),
    );
  });
});
