import { createSecretKey, randomBytes } from "node:crypto";
import { encodeUtf8 } from "@symbiont/kit";
import { AEAD_OVERHEAD, open, seal } from "@symbiont/kit/aead";
import { hkdf } from "@symbiont/kit/hkdf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const key = new Uint8Array(32).fill(7);
const context = encodeUtf8("record 1");
const refused = expect.objectContaining({ code: "AEAD_OPEN_FAILED" }) as Error;

describe("seal and open", () => {
  test("return what went in", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 40 }),
        (plaintext, associatedData) => {
          const sealed = seal(key, plaintext, associatedData);
          expect(sealed.length).toBe(plaintext.length + AEAD_OVERHEAD);
          expect(open(key, sealed, associatedData)).toEqual(plaintext);
        },
      ),
    );
  });

  test("take a KeyObject as well", () => {
    const keyObject = createSecretKey(key);
    expect(open(keyObject, seal(key, context, context), context)).toEqual(context);
  });

  test("never use a nonce twice", () => {
    const nonces = new Set(
      Array.from({ length: 1000 }, () => Buffer.from(seal(key, context, context)).toString("hex", 0, 12)),
    );
    expect(nonces.size).toBe(1000);
  });

  test("refuse every flipped bit, every truncation, another key and other associated data", () => {
    const sealed = seal(key, encodeUtf8("secret"), context);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Uint8Array.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => open(key, changed, context)).toThrow(refused);
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => open(key, sealed.subarray(0, length), context)).toThrow(refused);
    }
    expect(() => open(randomBytes(32), sealed, context)).toThrow(refused);
    expect(() => open(key, sealed, encodeUtf8("record 2"))).toThrow(refused);
  });

  test("refuse a short tag even when it matches", () => {
    const sealed = seal(key, new Uint8Array(0), context);
    expect(() => open(key, sealed.subarray(0, AEAD_OVERHEAD - 4), context)).toThrow(refused);
  });

  test("refuse keys of another size", () => {
    expect(() => seal(new Uint8Array(16), context, context)).toThrow(RangeError);
    expect(() => open(new Uint8Array(31), seal(key, context, context), context)).toThrow(RangeError);
  });
});

describe("hkdf", () => {
  // RFC 5869 appendix A.1
  test("gives the published result", () => {
    const derived = hkdf(new Uint8Array(22).fill(0x0b), {
      salt: Uint8Array.from(Buffer.from("000102030405060708090a0b0c", "hex")),
      info: Uint8Array.from(Buffer.from("f0f1f2f3f4f5f6f7f8f9", "hex")),
      length: 42,
    });
    expect(Buffer.from(derived).toString("hex")).toBe(
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    );
  });

  test("refuses short keys and impossible lengths", () => {
    const options = { salt: new Uint8Array(0), info: new Uint8Array(0) };
    expect(() => hkdf(new Uint8Array(15), options)).toThrow(RangeError);
    expect(() => hkdf(key, { ...options, length: 0 })).toThrow(RangeError);
    expect(() => hkdf(key, { ...options, length: 8161 })).toThrow(RangeError);
  });
});
