import {
  type Algorithm,
  availableEngines,
  generateKeyPair,
  importPublicKeyJwk,
  importPublicKeyPem,
  importPublicKeyRaw,
  type PublicKey,
  sign,
  verify,
} from "@symbiont/keys";
import { decodeHex } from "@symbiont/kit";
import { afterEach, describe, expect, test } from "vitest";
import { growthExponent } from "../../../scripts/testing/growth.ts";
import { refusalCode } from "./refusal.ts";

const engines = availableEngines();
const es256 = generateKeyPair("ES256");
const ed25519 = generateKeyPair("Ed25519");

describe.each(engines)("forged signatures on the %s engine", (engine) => {
  test("a signature does not pass under another key or algorithm", () => {
    const other = generateKeyPair("ES256");
    const raw = sign(es256.privateKey, "text", { format: "raw" });
    expect(verify(other.publicKey, raw, "text", { engine, format: "raw" })).toBe(false);
    expect(verify(ed25519.publicKey, raw, "text", { engine, format: "raw" })).toBe(false);
    const ed = sign(ed25519.privateKey, "text");
    expect(verify(es256.publicKey, ed, "text", { engine, format: "raw" })).toBe(false);
  });

  test("an encoding does not pass as the other one", () => {
    const der = sign(es256.privateKey, "text");
    const raw = sign(es256.privateKey, "text", { format: "raw" });
    expect(verify(es256.publicKey, raw, "text", { engine })).toBe(false);
    expect(verify(es256.publicKey, der, "text", { engine, format: "raw" })).toBe(false);
  });

  test("text with a lone surrogate does not pass for the text with the replacement character", () => {
    const signature = sign(es256.privateKey, "\ufffd");
    expect(verify(es256.publicKey, signature, "\ufffd", { engine })).toBe(true);
    expect(verify(es256.publicKey, signature, "\ud800", { engine })).toBe(false);
  });

  test("what is no byte array is no signature", () => {
    const signature = sign(ed25519.privateKey, "text");
    const lookalikes = [
      undefined,
      null,
      "",
      Buffer.from(signature).toString("latin1"),
      [...signature],
      signature.buffer,
      new Uint16Array(32),
      Object.assign(Object.create(null), signature, { length: 64 }),
    ];
    for (const lookalike of lookalikes) {
      expect(verify(ed25519.publicKey, lookalike as never, "text", { engine })).toBe(false);
    }
  });

  test("checking leaves the signature as it was, also in a Buffer", () => {
    for (const { privateKey, publicKey } of [es256, ed25519]) {
      const signature = Buffer.from(sign(privateKey, "text"));
      const before = Buffer.from(signature);
      expect(verify(publicKey, signature, "text", { engine })).toBe(true);
      expect(signature).toEqual(before);
      expect(verify(publicKey, signature, "text", { engine })).toBe(true);
    }
  });

  test("an object that looks like a public key verifies nothing", () => {
    const signature = sign(ed25519.privateKey, "text");
    const jwk = ed25519.publicKey.toJwk();
    expect(verify(jwk as never, signature, "text", { engine })).toBe(false);
    expect(verify({ algorithm: "Ed25519" } as never, signature, "text", { engine })).toBe(false);
  });
});

describe("smuggled keys", () => {
  const jwk = es256.publicKey.toJwk();
  const names = ["kty", "crv", "x", "y", "d", "use", "alg", "key_ops"];

  afterEach(() => {
    for (const name of names) Reflect.deleteProperty(Object.prototype, name);
  });

  test("a polluted prototype neither completes nor spoils a key", () => {
    const polluted = Object.prototype as unknown as Record<string, unknown>;
    const { x, ...withoutX } = jwk;
    polluted["x"] = x;
    expect(refusalCode(() => importPublicKeyJwk(withoutX))).toBe("KEY_INVALID_JWK");
    polluted["d"] = "secret";
    polluted["use"] = "enc";
    polluted["key_ops"] = ["encrypt"];
    expect(importPublicKeyJwk(jwk).thumbprint).toBe(es256.publicKey.thumbprint);
  });

  test("members of a class or of __proto__ do not count", () => {
    const { kty, ...rest } = jwk;
    const inherited = Object.assign(Object.create({ kty }) as object, rest);
    expect(refusalCode(() => importPublicKeyJwk(inherited))).toBe("KEY_INVALID_JWK");
    const parsed: unknown = JSON.parse(`{"__proto__":${JSON.stringify(jwk)}}`);
    expect(refusalCode(() => importPublicKeyJwk(parsed))).toBe("KEY_INVALID_JWK");
  });

  test("a member is read once, so it cannot change between check and use", () => {
    let reads = 0;
    const other = generateKeyPair("ES256").publicKey.toJwk();
    const shifty = { ...jwk };
    Object.defineProperty(shifty, "x", {
      enumerable: true,
      get: () => {
        reads += 1;
        return reads === 1 ? jwk.x : other.x;
      },
    });
    expect(importPublicKeyJwk(shifty).thumbprint).toBe(es256.publicKey.thumbprint);
    expect(reads).toBe(1);
  });

  test("the constructor behind a key makes no unchecked one", () => {
    const PublicKeyClass = es256.publicKey.constructor as new (
      algorithm: Algorithm,
      raw: Uint8Array,
    ) => PublicKey;
    const identity = decodeHex(`01${"00".repeat(31)}`);
    expect(refusalCode(() => new PublicKeyClass("Ed25519", identity))).toBe("KEY_POINT_INVALID");
    expect(refusalCode(() => new PublicKeyClass("ES256", new Uint8Array(65)))).toBe("KEY_POINT_INVALID");
  });

  test("under a small-order key one signature would fit any message: it is no key", () => {
    const identity = decodeHex(`01${"00".repeat(31)}`);
    expect(refusalCode(() => importPublicKeyRaw("Ed25519", identity))).toBe("KEY_POINT_INVALID");
    expect(refusalCode(() => importPublicKeyRaw("Ed25519", new Uint8Array(32)))).toBe("KEY_POINT_INVALID");
  });
});

describe("oversized input", () => {
  const sizes = [20_000, 80_000, 320_000, 1_280_000];
  const grows: [string, (size: number) => unknown, (input: never) => unknown][] = [
    ["PEM of dashes", (size) => "-".repeat(size), importPublicKeyPem],
    ["PEM of line ends", (size) => "\r\n".repeat(size), importPublicKeyPem],
    ["PEM of base64", (size) => `-----BEGIN PUBLIC KEY-----\n${"A".repeat(size)}`, importPublicKeyPem],
    [
      "JWK with a long x",
      (size) => ({ ...es256.publicKey.toJwk(), x: "A".repeat(size) }),
      importPublicKeyJwk,
    ],
    [
      "JWK with many operations",
      (size) => ({ ...es256.publicKey.toJwk(), key_ops: Array.from({ length: size }, () => "verify") }),
      importPublicKeyJwk,
    ],
  ];

  test.each(grows)("%s is refused in no more than linear time", (_, build, run) => {
    const exponent = growthExponent(sizes, build, (input) => {
      expect(refusalCode(() => run(input as never))).toMatch(/^KEY_/);
    });
    expect(exponent).toBeLessThan(1.4);
  });

  test("a long signature is refused in constant time, a long message is read once", () => {
    const signature = sign(es256.privateKey, "text");
    const longSignature = growthExponent(
      sizes,
      (size) => new Uint8Array(size).fill(0x30),
      (long) => void verify(es256.publicKey, long, "text"),
    );
    expect(longSignature).toBeLessThan(1.4);
    const longMessage = growthExponent(
      sizes,
      (size) => "x".repeat(size),
      (text) => void verify(es256.publicKey, signature, text),
    );
    expect(longMessage).toBeLessThan(1.4);
  });
});
