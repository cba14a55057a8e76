import { inspect } from "node:util";
import {
  exportPrivateKeyJwk,
  exportPrivateKeyPem,
  exportPrivateKeyPkcs8,
  HmacKey,
  importPrivateKeyJwk,
  importPrivateKeyPem,
  importPrivateKeyPkcs8,
  importPrivateKeyRaw,
  importPublicKeyJwk,
  importPublicKeyPem,
  importPublicKeyRaw,
  importPublicKeySpki,
  type PrivateKey,
  sign,
} from "@symbiont/keys";
import { encodeBase64, encodeBase64Url, encodeHex } from "@symbiont/kit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const secret = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((bytes) => (bytes[0] ?? 0) < 255 && bytes.some(Boolean));
const algorithm = fc.constantFrom("ES256" as const, "Ed25519" as const);

/** Spellings under which the bytes, or a good part of them, could show. */
function spellings(bytes: Uint8Array): string[] {
  const encodings = [
    encodeHex,
    encodeBase64,
    encodeBase64Url,
    (part: Uint8Array) => part.join(", "),
    (part: Uint8Array) => part.join(","),
  ];
  return [bytes.subarray(0, 12), bytes.subarray(10, 22), bytes.subarray(20)].flatMap((part) =>
    encodings.map((encode) => encode(part).replace(/[=]+$/, "").slice(0, -1)),
  );
}

/** Everything a log could show of a value. */
function shown(value: unknown): string {
  const parts = [
    inspect(value, { depth: 20, showHidden: true, getters: true }),
    String(value),
    JSON.stringify(value),
  ];
  if (value instanceof Error)
    parts.push(value.stack ?? "", value.message, inspect(value.cause), JSON.stringify(Object.entries(value)));
  return parts.join("\n");
}

function expectHidden(value: unknown, secret: Uint8Array): void {
  const text = shown(value);
  for (const spelling of spellings(secret)) expect(text.includes(spelling)).toBe(false);
}

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("was accepted");
}

describe("secrets stay in", () => {
  test("the marker search finds what it looks for", () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, index) => index * 5 + 7);
    expect(() => expectHidden(bytes, bytes)).toThrow();
    expect(() => expectHidden({ d: encodeBase64Url(bytes) }, bytes)).toThrow();
    expect(() => expectHidden(new Error(`bad key ${encodeHex(bytes)}`), bytes)).toThrow();
  });

  test("keys show their public half only", () => {
    fc.assert(
      fc.property(algorithm, secret, (algorithm, secret) => {
        const key = importPrivateKeyRaw(algorithm, secret);
        sign(key, "text", { engine: "runtime" });
        expectHidden(key, secret);
        expectHidden(Object.assign({}, key), secret);
        expectHidden(Object.getOwnPropertyDescriptors(key), secret);
        expectHidden(structuredClone(key), secret);
        expectHidden(new HmacKey(secret), secret);
      }),
      { numRuns: 50 },
    );
  });

  test("no refusal repeats what it refused", () => {
    fc.assert(
      fc.property(algorithm, secret, fc.nat(), (algorithm, secret, seed) => {
        const key = importPrivateKeyRaw(algorithm, secret);
        for (const run of refusals(key, secret, seed)) expectHidden(thrown(run), secret);
      }),
      { numRuns: 50 },
    );
  });
});

/** Ways to hand in a private key that all fail. */
function refusals(key: PrivateKey, secret: Uint8Array, seed: number): (() => unknown)[] {
  const pem = exportPrivateKeyPem(key);
  const der = exportPrivateKeyPkcs8(key);
  const jwk = exportPrivateKeyJwk(key);
  const other = key.algorithm === "ES256" ? "Ed25519" : "ES256";
  const at = seed % jwk.d.length;
  return [
    () => importPublicKeyPem(pem),
    () => importPublicKeyPem(pem.replaceAll("PRIVATE", "PUBLIC")),
    () => importPublicKeySpki(der),
    () => importPublicKeyJwk(jwk),
    () => importPublicKeyRaw(key.algorithm, Uint8Array.of(...secret, ...secret)),
    () => importPrivateKeyPem(pem.replace("-----BEGIN", "-----BEGAN")),
    () => importPrivateKeyPem(pem.replaceAll("PRIVATE", "EC PRIVATE")),
    () => importPrivateKeyPem(`${pem}x`),
    () => importPrivateKeyPem(`${pem.slice(0, 40)}!${pem.slice(41)}`),
    () => importPrivateKeyPem(pem, { algorithm: other }),
    () => importPrivateKeyPkcs8(der.subarray(0, -1)),
    () => importPrivateKeyPkcs8(Uint8Array.of(...der, 0)),
    () => importPrivateKeyJwk({ ...jwk, use: "enc" }),
    () => importPrivateKeyJwk({ ...jwk, d: `${jwk.d}=` }),
    () => importPrivateKeyJwk({ ...jwk, d: `${jwk.d.slice(0, at)}*${jwk.d.slice(at + 1)}` }),
    () => importPrivateKeyJwk({ ...jwk, x: "A".repeat(43) }),
    () => importPrivateKeyJwk({ ...jwk, kty: jwk.d }),
    () => importPrivateKeyJwk({ ...jwk, alg: jwk.d }),
    () => importPrivateKeyJwk({ ...jwk, key_ops: [jwk.d] }),
    () => importPrivateKeyRaw(key.algorithm, Uint8Array.of(...secret, 0)),
    () => importPrivateKeyRaw(encodeHex(secret) as never, secret),
    () => importPrivateKeyRaw(key.algorithm, encodeHex(secret) as never),
    () => sign(key, { secret } as never),
    () => sign(key, "text", { engine: encodeHex(secret) as never }),
    () => sign(key, `${encodeHex(secret)}\ud800`),
  ];
}
