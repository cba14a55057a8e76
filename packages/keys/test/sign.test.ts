import { derToRaw, generateKeyPair, importPrivateKeyRaw, rawToDer, sign, verify } from "@symbiont/keys";
import { decodeHex, encodeHex } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { isEd25519Signature } from "../src/signature-encoding.ts";
import { refusalCode } from "./refusal.ts";

const es256 = generateKeyPair("ES256");
const ed25519 = generateKeyPair("Ed25519");
const HALF_ORDER = "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8";

describe.each(["runtime", "noble"] as const)("signing on the %s engine", (engine) => {
  test("makes DER by default and 64 raw bytes on request", () => {
    const der = sign(es256.privateKey, "text", { engine });
    const raw = sign(es256.privateKey, "text", { engine, format: "raw" });
    expect(der[0]).toBe(0x30);
    expect(raw).toHaveLength(64);
    expect(verify(es256.publicKey, der, "text")).toBe(true);
    expect(verify(es256.publicKey, raw, "text", { format: "raw" })).toBe(true);
  });

  test("gives plain byte arrays, not Buffers", () => {
    expect(sign(es256.privateKey, "text", { engine }).constructor).toBe(Uint8Array);
    expect(sign(ed25519.privateKey, "text", { engine }).constructor).toBe(Uint8Array);
  });

  test("makes 64 bytes for Ed25519 whatever the format says", () => {
    for (const format of ["der", "raw"] as const) {
      const signature = sign(ed25519.privateKey, "text", { engine, format });
      expect(signature).toHaveLength(64);
      expect(verify(ed25519.publicKey, signature, "text", { format })).toBe(true);
    }
  });

  test("reads text as its UTF-8 form", () => {
    const signature = sign(es256.privateKey, "grüße €", { engine });
    expect(verify(es256.publicKey, signature, new TextEncoder().encode("grüße €"))).toBe(true);
  });

  test("emits the lower half of s when asked, in both formats", () => {
    for (let count = 0; count < 12; count += 1) {
      const raw = sign(es256.privateKey, `text ${count}`, { engine, format: "raw", lowS: true });
      const der = sign(es256.privateKey, `text ${count}`, { engine, lowS: true });
      for (const signature of [raw, derToRaw(der)]) {
        expect(encodeHex(signature.subarray(32)) <= HALF_ORDER).toBe(true);
        expect(verify(es256.publicKey, signature, `text ${count}`, { format: "raw" })).toBe(true);
      }
    }
  });

  test("refuses text that has no UTF-8 form", () => {
    expect(refusalCode(() => sign(es256.privateKey, "\ud800", { engine }))).toBe("KEY_TEXT_INVALID");
  });
});

describe("deterministic signatures", () => {
  test("are the same each time and need no engine named", () => {
    const [first, second] = [1, 2].map(() => sign(es256.privateKey, "text", { deterministic: true }));
    expect(first).toEqual(second);
    expect(verify(es256.publicKey, first as Uint8Array, "text", { engine: "runtime" })).toBe(true);
  });

  test("keep the s of RFC 6979 unless the lower one is asked for", () => {
    const key = importPrivateKeyRaw(
      "ES256",
      decodeHex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"),
    );
    const plain = sign(key, "sample", { deterministic: true, format: "raw" });
    const low = sign(key, "sample", { deterministic: true, format: "raw", lowS: true });
    expect(encodeHex(plain.subarray(32))).toBe(
      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    );
    expect(encodeHex(low.subarray(32))).toBe(
      "0834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9",
    );
  });

  test("are refused on the runtime's engine, which has none", () => {
    const options = { deterministic: true, engine: "runtime" } as const;
    expect(() => sign(es256.privateKey, "text", options)).toThrow(TypeError);
    expect(sign(ed25519.privateKey, "text", options)).toEqual(
      sign(ed25519.privateKey, "text", { engine: "noble" }),
    );
  });
});

describe("wrong arguments", () => {
  test.each([
    ["format", { format: "p1363" }],
    ["engine", { engine: "openssl" }],
  ])("a wrong %s is a TypeError that names it, also for verify", (name, options) => {
    const signature = sign(es256.privateKey, "text");
    expect(() => sign(es256.privateKey, "text", options as never)).toThrow(new RegExp(`^${name} must be`));
    expect(() => verify(es256.publicKey, signature, "text", options as never)).toThrow(
      new RegExp(`^${name} must be`),
    );
  });

  test("data that is neither bytes nor text is a TypeError", () => {
    const signature = sign(es256.privateKey, "1");
    expect(() => sign(es256.privateKey, 1 as never)).toThrow(TypeError);
    expect(() => verify(es256.publicKey, signature, 1 as never)).toThrow(TypeError);
    expect(() => verify(es256.publicKey, signature, [1] as never)).toThrow(TypeError);
  });

  test("only a real private key signs", () => {
    const lookalike = { algorithm: "ES256", publicKey: es256.publicKey };
    expect(() => sign(lookalike as never, "text")).toThrow(TypeError);
    expect(() => sign(Object.create(es256.privateKey) as never, "text")).toThrow(TypeError);
  });
});

describe("signature encodings", () => {
  test("convert both ways", () => {
    const der = sign(es256.privateKey, "text");
    expect(rawToDer(derToRaw(der))).toEqual(der);
  });

  test("are refused with a code when malformed", () => {
    const der = sign(es256.privateKey, "text");
    expect(refusalCode(() => derToRaw(der.subarray(1)))).toBe("KEY_SIGNATURE_MALFORMED");
    expect(refusalCode(() => derToRaw(new Uint8Array()))).toBe("KEY_SIGNATURE_MALFORMED");
    expect(refusalCode(() => rawToDer(new Uint8Array(64)))).toBe("KEY_SIGNATURE_MALFORMED");
    expect(refusalCode(() => rawToDer(derToRaw(der).subarray(1)))).toBe("KEY_SIGNATURE_MALFORMED");
  });

  test("of Ed25519 need an S below the order, whatever an engine would say", () => {
    const withS = (s: string): Uint8Array => Uint8Array.of(...new Uint8Array(32).fill(3), ...decodeHex(s));
    const order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    expect(isEd25519Signature(withS(order))).toBe(false);
    expect(isEd25519Signature(withS(order.replace(/^ed/, "ee")))).toBe(false);
    expect(isEd25519Signature(withS(order.replace(/^ed/, "ec")))).toBe(true);
    expect(isEd25519Signature(withS("00".repeat(32)))).toBe(true);
  });
});
