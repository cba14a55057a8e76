import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ShortHmac } from "../../src/internal/short-hmac.ts";

const key = fc.uint8Array({ minLength: 1, maxLength: 64 });
const text = fc.string({ unit: "grapheme", maxLength: 80 });

test("the tag is the one the runtime's own HMAC makes, for every key and text, whatever came before", () => {
  fc.assert(
    fc.property(key, fc.array(text, { minLength: 1, maxLength: 4 }), (secret, texts) => {
      const hmac = new ShortHmac(secret);
      for (const each of texts) {
        const expected = createHmac("sha256", secret).update(each).digest("binary");
        expect(hmac.tag(each)).toBe(expected);
        const tag = Buffer.from(expected, "binary");
        expect(hmac.matches(each, tag)).toBe(true);
        expect(hmac.matches(`${each}x`, tag)).toBe(false);
        expect(hmac.matches(each, tag.subarray(1))).toBe(false);
      }
    }),
  );
});

test.each([0, 63, 64, 65, 1023, 1024])("texts of %i characters, of one and of three bytes each", (length) => {
  const hmac = new ShortHmac(new Uint8Array(32).fill(7));
  for (const unit of ["a", "\u20ac"]) {
    const expected = createHmac("sha256", new Uint8Array(32).fill(7)).update(unit.repeat(length));
    expect(hmac.tag(unit.repeat(length))).toBe(expected.digest("binary"));
  }
});

test("a text too long is refused instead of cut, and so is a key that would need hashing first", () => {
  const hmac = new ShortHmac(new Uint8Array(32).fill(7));
  expect(() => hmac.tag("a".repeat(1025))).toThrow(RangeError);
  expect(() => new ShortHmac(new Uint8Array(65))).toThrow(RangeError);
  expect(() => new ShortHmac(new Uint8Array(0))).toThrow(RangeError);
});

test("the key is copied", () => {
  const secret = new Uint8Array(32).fill(7);
  const hmac = new ShortHmac(secret);
  const before = hmac.tag("x");
  secret.fill(0);
  expect(hmac.tag("x")).toBe(before);
});
