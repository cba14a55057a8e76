import { generateKeyPair, importPublicKeyJwk, importPublicKeyPem, importPublicKeyRaw } from "@symbiont/keys";
import { expect, test } from "vitest";
import { CACHE_CAPACITY } from "../src/public-key-cache.ts";

// Object identity is no promise to callers; it only shows here whether a key was remembered.

test("every spelling of a key shares one entry", () => {
  const { publicKey } = generateKeyPair("ES256");
  const pem = publicKey.toPem();
  expect(importPublicKeyPem(pem)).toBe(publicKey);
  expect(importPublicKeyPem(pem.replaceAll("\n", "\r\n"))).toBe(publicKey);
  expect(importPublicKeyJwk({ ...publicKey.toJwk(), kid: "1" })).toBe(publicKey);
});

test("the same bytes under the other algorithm are another key, or none", () => {
  const { publicKey } = generateKeyPair("Ed25519");
  expect(importPublicKeyRaw("Ed25519", publicKey.raw())).toBe(publicKey);
  expect(() => importPublicKeyRaw("ES256", publicKey.raw())).toThrow();
});

test("a remembered key does not let a refused spelling pass", () => {
  const { publicKey } = generateKeyPair("ES256");
  const jwk = publicKey.toJwk();
  expect(() => importPublicKeyJwk({ ...jwk, use: "enc" })).toThrow();
  expect(() => importPublicKeyJwk({ ...jwk, x: `${jwk.x}=` })).toThrow();
  expect(() => importPublicKeyPem(`${publicKey.toPem()} `)).toThrow();
});

test("the least recently used key is forgotten first, and the number is bounded", () => {
  const [kept, lost] = [generateKeyPair("Ed25519").publicKey, generateKeyPair("Ed25519").publicKey];
  for (let count = 0; count < CACHE_CAPACITY - 1; count += 1) {
    generateKeyPair("Ed25519");
    if (count % 100 === 0) expect(importPublicKeyRaw("Ed25519", kept.raw())).toBe(kept);
  }
  expect(importPublicKeyRaw("Ed25519", kept.raw())).toBe(kept);
  const again = importPublicKeyRaw("Ed25519", lost.raw());
  expect(again).not.toBe(lost);
  expect(again.thumbprint).toBe(lost.thumbprint);
});
