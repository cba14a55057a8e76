import {
  concatBytes,
  constantTimeEqual,
  decodeBase64,
  decodeBase64Url,
  decodeBase64UrlText,
  decodeHex,
  decodeUtf8,
  deepFreeze,
  encodeBase64,
  encodeBase64Url,
  encodeBase64UrlText,
  encodeHex,
  encodeUtf8,
  excerpt,
  frozenCopy,
  isWellFormed,
} from "@symbiont/kit";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { portableCompare } from "../src/constant-time.ts";

const invalid = expect.objectContaining({ code: "ENCODING_INVALID" }) as Error;
const bytes = fc.uint8Array({ maxLength: 100 });

describe.each(["with", "without"])("encodings %s the runtime's codec", (which) => {
  const { Buffer } = globalThis;
  beforeEach(() => {
    if (which === "without") vi.stubGlobal("Buffer", undefined);
  });
  afterEach(() => vi.unstubAllGlobals());

  test("agree with the runtime's encoders and read back what they wrote", () => {
    fc.assert(
      fc.property(bytes, (data) => {
        const buffer = Buffer.from(data);
        expect(encodeHex(data)).toBe(buffer.toString("hex"));
        expect(encodeBase64(data)).toBe(buffer.toString("base64"));
        expect(encodeBase64Url(data)).toBe(buffer.toString("base64url"));
        expect(decodeHex(encodeHex(data))).toEqual(data);
        expect(decodeBase64(encodeBase64(data))).toEqual(data);
        expect(decodeBase64Url(encodeBase64Url(data))).toEqual(data);
      }),
    );
  });

  test("accept exactly one spelling of each byte string", () => {
    const alphabet = fc.constantFrom(...Array.from("ABab01+/-_=\n "));
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 8 }), (text) => {
        for (const [decode, encode] of [
          [decodeBase64, encodeBase64],
          [decodeBase64Url, encodeBase64Url],
        ] as const) {
          let data: Uint8Array;
          try {
            data = decode(text);
          } catch {
            continue;
          }
          expect(encode(data)).toBe(text);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test.each([
    "A",
    "AB",
    "ABC",
    "AB=",
    "AB==C",
    "====",
    "A===",
    "AB==\n",
    "AA==AA==",
    "AB-_",
    "AB==",
    "AAB=",
    "é===",
  ])("base64 refuses %j", (text) => {
    expect(() => decodeBase64(text)).toThrow(invalid);
  });

  test.each(["A", "AB", "AAB", "AA==", "AB+/", "A A"])("base64url refuses %j", (text) => {
    expect(() => decodeBase64Url(text)).toThrow(invalid);
  });

  test.each(["0", "0g", "AB", "0x"])("hexadecimal refuses %j", (text) => {
    expect(() => decodeHex(text)).toThrow(invalid);
  });

  test("give plain bytes in memory of their own", () => {
    for (const data of [decodeBase64("a2V5IG1hdGVyaWFs"), decodeBase64Url("a2V5IG1hdGVyaWFs")]) {
      expect(data.constructor).toBe(Uint8Array);
      expect(data.buffer.byteLength).toBe(data.length);
    }
  });
});

describe("the runtime's codec", () => {
  test("leaves no copy of what it decoded behind", () => {
    const shared = Buffer.from("x").buffer;
    decodeBase64(btoa("a key that must not stay in memory"));
    expect(Buffer.from(shared).includes("must not stay in memory")).toBe(false);
  });

  test("is not used when it is a replacement that does not know base64url", () => {
    vi.stubGlobal("Buffer", { isEncoding: (name: string) => name === "base64", from: expect.unreachable });
    expect(encodeBase64Url(decodeBase64Url("_-8"))).toBe("_-8");
    vi.unstubAllGlobals();
  });
});

describe("text and bytes", () => {
  test("UTF-8 keeps a byte order mark and refuses what it cannot carry", () => {
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe("\ufeffa");
    expect(() => decodeUtf8(Uint8Array.of(0xff))).toThrow(invalid);
    expect(() => encodeUtf8("a\ud800")).toThrow(
      expect.objectContaining({ code: "ENCODING_INVALID", offset: 1 }),
    );
    expect(encodeUtf8("é")).toEqual(Uint8Array.of(0xc3, 0xa9));
    expect(isWellFormed("😀")).toBe(true);
    expect(isWellFormed("\udc00")).toBe(false);
  });

  test("joins bytes", () => {
    expect(concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(
      Uint8Array.of(1, 2, 3),
    );
  });

  test("compares alike with and without the runtime", () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const equal = Buffer.compare(a, b) === 0;
        expect(constantTimeEqual(a, b)).toBe(equal);
        expect(constantTimeEqual(a, Uint8Array.from(a))).toBe(true);
        if (a.length === b.length) expect(portableCompare(a, b)).toBe(equal);
      }),
    );
  });

  test("freezes below what is already frozen", () => {
    const inner = { b: [1] };
    const value = Object.freeze({ inner });
    expect(deepFreeze(value)).toBe(value);
    expect(Object.isFrozen(inner) && Object.isFrozen(inner.b)).toBe(true);
  });

  test("copies plain data so that the original can change", () => {
    const original = { list: [{ a: 1 }], text: "x", none: null };
    const copy = frozenCopy(original);
    (original.list[0] as { a: number }).a = 2;
    expect(copy).toEqual({ list: [{ a: 1 }], text: "x", none: null });
    expect([copy, copy.list, copy.list[0]].every(Object.isFrozen)).toBe(true);
    const hostile = frozenCopy(JSON.parse('{"__proto__":{"admin":true}}') as { admin?: boolean });
    expect(hostile.admin).toBeUndefined();
    expect(Object.keys(hostile)).toEqual(["__proto__"]);
  });

  test("shows untrusted text escaped and cut", () => {
    expect(excerpt('a"\u001b[2J\u202e\n')).toBe('"a\\"\\u{1b}[2J\\u{202e}\\u{a}"');
    expect(excerpt("x".repeat(100), 5)).toBe('"xxxxx…"');
  });
});

describe("text in base64url", () => {
  test.each(["", "a", '{"iss":"x"}', "é", "\u{1f980}", "\ufeffmark", "\ufffd", "x".repeat(500)])(
    "%j goes there and back",
    (text) => {
      const encoded = encodeBase64UrlText(text);
      expect(encoded).toBe(encodeBase64Url(encodeUtf8(text)));
      expect(decodeBase64UrlText(encoded)).toBe(text);
    },
  );

  test("is refused in any other spelling, and when it is no text", () => {
    for (const wrong of ["YQ==", "YR", "Y", "Y Q", "YQ\n", "+/+/", "x".repeat(61)])
      expect(() => decodeBase64UrlText(wrong)).toThrow(expect.objectContaining({ code: "ENCODING_INVALID" }));
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]])
      expect(() => decodeBase64UrlText(encodeBase64Url(Uint8Array.from(bytes)))).toThrow(
        expect.objectContaining({ code: "ENCODING_INVALID", offset: undefined }),
      );
    expect(() => encodeBase64UrlText("\ud800")).toThrow(
      expect.objectContaining({ code: "ENCODING_INVALID" }),
    );
  });

  test("is the same without the runtime's means", () => {
    const long = Uint8Array.from({ length: 200 }, (_, index) => (index * 37) % 256);
    const withBuffer = encodeBase64Url(long);
    const { Buffer } = globalThis;
    vi.stubGlobal("Buffer", undefined);
    try {
      expect(encodeBase64Url(long)).toBe(withBuffer);
      expect(decodeBase64Url(withBuffer)).toEqual(long);
      expect(() => decodeBase64Url(`${withBuffer}=`)).toThrow();
    } finally {
      vi.stubGlobal("Buffer", Buffer);
    }
    expect(decodeBase64Url(withBuffer)).toEqual(long);
    expect(() => decodeBase64Url(`${withBuffer}=`)).toThrow();
    expect(() => decodeBase64Url(withBuffer.replaceAll("-", "+"))).toThrow();
  });
});
