import { encodeBase64 } from "@symbiont/kit";
import {
  canonicalize,
  MemoryPinStore,
  parseDiscoveryDocument,
  SchemaPinError,
  signSchema,
  verifySchema,
} from "@symbiont/schemapin";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { growthExponent } from "../../../scripts/testing/growth.ts";
import { discoveryOf, domain, key } from "./fixtures.ts";

const text = '{"description":"d","inputSchema":{"type":"object"},"name":"t"}';
const options = { domain, toolId: "t", discovery: discoveryOf(key), firstUse: "trust" as const };

describe("a forged schema", () => {
  test.each([
    [
      "a member under __proto__",
      '{"__proto__":{"x":1},"description":"d","inputSchema":{"type":"object"},"name":"t"}',
    ],
    [
      "a member under an escaped __proto__",
      '{"\\u005f_proto__":1,"description":"d","inputSchema":{"type":"object"},"name":"t"}',
    ],
    ["a name twice", '{"description":"evil","description":"d","inputSchema":{"type":"object"},"name":"t"}'],
    ["a byte order mark", `\ufeff${text}`],
    ["something after the end", `${text}{}`],
  ])("with %s does not verify", async (_, forged) => {
    const { signature } = signSchema(text, key);
    const pins = new MemoryPinStore();
    await expect(verifySchema(forged, { ...options, signature, pins })).rejects.toThrow(
      expect.objectContaining({ protocolCode: "schema_canonicalization_failed" }),
    );
    expect(await pins.get({ kind: "tool", domain, subject: "t" })).toBeUndefined();
  });

  test("never verifies, and never throws anything but SchemaPinError, whatever the signature is", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.uint8Array({ maxLength: 80 }).map(encodeBase64), fc.anything()),
        async (signature) => {
          const error: unknown = await verifySchema(text, {
            ...options,
            signature: signature as string,
            pins: new MemoryPinStore(),
          }).then(
            () => undefined,
            (caught: unknown) => caught,
          );
          expect(SchemaPinError.is(error) && error.protocolCode).toBe("signature_invalid");
        },
      ),
    );
  });

  test("never verifies with any bit of the signature changed", async () => {
    const { signature } = signSchema(text, key);
    const bytes = Buffer.from(signature, "base64");
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Uint8Array.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await expect(
        verifySchema(text, { ...options, signature: encodeBase64(changed), pins: new MemoryPinStore() }),
      ).rejects.toThrow(SchemaPinError);
    }
  });
});

describe("a hostile document", () => {
  test("is refused with SchemaPinError, whatever it is", () => {
    fc.assert(
      fc.property(fc.anything(), (document) => {
        expect(() => parseDiscoveryDocument(document)).toThrow(SchemaPinError);
      }),
    );
  });

  test.each([
    ["two keys", `${key.publicKey.toPem()}${key.publicKey.toPem()}`],
    ["text around the key", `x\n${key.publicKey.toPem()}`],
    ["no key", ""],
  ])("with %s has no usable key", (_, public_key_pem) => {
    expect(() => parseDiscoveryDocument({ schema_version: "1.4", public_key_pem })).toThrow(
      expect.objectContaining({ protocolCode: "key_not_found" }),
    );
  });
});

describe("a schema made to be slow", () => {
  test.each([
    [
      "many members",
      (size: number) => `{${Array.from({ length: size / 10 }, (_, index) => `"k${index}":1`).join(",")}}`,
    ],
    ["long numbers", (size: number) => `{"n":0.${"1".repeat(size)}}`],
    ["long names", (size: number) => `{"${"😀".repeat(size / 4)}a":1,"${"😀".repeat(size / 4)}b":2}`],
  ])("takes nearly linear time: %s", (_, build) => {
    expect(
      growthExponent([1 << 14, 1 << 16, 1 << 18], build, (schema) => void canonicalize(schema)),
    ).toBeLessThan(1.6);
  });

  test.each([
    ["too deep", `${'{"a":'.repeat(65)}1${"}".repeat(65)}`],
    ["too large", `{"a":"${"x".repeat(1 << 20)}"}`],
  ])("is refused when it is %s", (_, schema) => {
    expect(() => canonicalize(schema)).toThrow(
      expect.objectContaining({ code: "SCHEMAPIN_CANONICALIZATION_FAILED" }),
    );
  });
});
