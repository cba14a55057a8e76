import { HmacKey, hmacSha256, sha256, sha256Hex } from "@symbiont/keys";
import { encodeHex } from "@symbiont/kit";
import { expect, test } from "vitest";
import { refusalCode } from "./refusal.ts";

const bytes = new TextEncoder().encode("grüße €");

test("text is hashed as its UTF-8 form", () => {
  expect(sha256Hex("grüße €")).toBe(sha256Hex(bytes));
  expect(encodeHex(sha256("grüße €"))).toBe(sha256Hex(bytes));
  expect(hmacSha256(bytes, "grüße €")).toEqual(hmacSha256(bytes, bytes));
});

test("digests are plain byte arrays of 32 bytes", () => {
  for (const digest of [sha256(bytes), hmacSha256(bytes, bytes)]) {
    expect(digest.constructor).toBe(Uint8Array);
    expect(digest).toHaveLength(32);
  }
});

test("a window into a larger buffer is hashed alone", () => {
  const window = new Uint8Array([9, ...bytes, 9]).subarray(1, -1);
  expect(sha256Hex(window)).toBe(sha256Hex(bytes));
  expect(hmacSha256(window, window)).toEqual(hmacSha256(bytes, bytes));
});

test("texts that would become one text by replacement have no digest", () => {
  for (const text of ["\ud800", "a\udfffb"]) {
    expect(refusalCode(() => sha256(text))).toBe("KEY_TEXT_INVALID");
    expect(refusalCode(() => sha256Hex(text))).toBe("KEY_TEXT_INVALID");
    expect(refusalCode(() => hmacSha256(bytes, text))).toBe("KEY_TEXT_INVALID");
  }
});

test("a kept HMAC key gives the same tags and does not follow its source", () => {
  const source = Buffer.from("a secret of some length");
  const key = new HmacKey(source);
  const tag = hmacSha256(source, "data");
  source.fill(0);
  expect(hmacSha256(key, "data")).toEqual(tag);
  expect(hmacSha256(key, "data")).toEqual(tag);
});

test("an empty HMAC key is refused, anyone could make its tags", () => {
  expect(() => hmacSha256(new Uint8Array(), "data")).toThrow(RangeError);
  expect(() => new HmacKey(new Uint8Array())).toThrow(RangeError);
});

test("wrong arguments are TypeErrors", () => {
  expect(() => sha256(1 as never)).toThrow(TypeError);
  expect(() => sha256Hex(null as never)).toThrow(TypeError);
  expect(() => hmacSha256("secret" as never, "data")).toThrow(TypeError);
  expect(() => new HmacKey("secret" as never)).toThrow(TypeError);
  expect(() => hmacSha256(bytes, {} as never)).toThrow(TypeError);
});
