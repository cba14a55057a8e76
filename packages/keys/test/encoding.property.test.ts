import {
  derToRaw,
  exportPrivateKeyJwk,
  exportPrivateKeyPem,
  importPrivateKeyJwk,
  importPrivateKeyPem,
  importPrivateKeyRaw,
  importPublicKeyJwk,
  importPublicKeyPem,
  importPublicKeyRaw,
  importPublicKeySpki,
  KeysError,
  rawToDer,
} from "@symbiont/keys";
import fc from "fast-check";
import { expect, test } from "vitest";
import { refusalCode } from "./refusal.ts";

const secret = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((bytes) => (bytes[0] ?? 0) < 255 && bytes.some(Boolean));
const algorithm = fc.constantFrom("ES256" as const, "Ed25519" as const);
/** Any 32 bytes whose first is below 255 are below the order. */
const scalar = fc.oneof(
  secret,
  fc
    .nat(31)
    .chain((zeros) => secret.map((bytes) => bytes.map((byte, index) => (index < zeros ? 0 : byte | 1)))),
);

test("keys survive a round trip through every form", () => {
  fc.assert(
    fc.property(algorithm, secret, (algorithm, secret) => {
      const key = importPrivateKeyRaw(algorithm, secret);
      expect(exportPrivateKeyPem(importPrivateKeyJwk(exportPrivateKeyJwk(key)))).toBe(
        exportPrivateKeyPem(key),
      );
      expect(exportPrivateKeyJwk(importPrivateKeyPem(exportPrivateKeyPem(key)))).toEqual(
        exportPrivateKeyJwk(key),
      );
      const pem = importPublicKeyPem(key.publicKey.toPem());
      expect(importPublicKeyJwk(pem.toJwk()).fingerprint).toBe(key.publicKey.fingerprint);
    }),
    { numRuns: 50 },
  );
});

test("raw and DER signatures are one to one", () => {
  fc.assert(
    fc.property(scalar, scalar, (r, s) => {
      const raw = Uint8Array.of(...r, ...s);
      expect(derToRaw(rawToDer(raw))).toEqual(raw);
    }),
  );
});

test("DER that is accepted is the only DER of its signature", () => {
  const integer = fc
    .uint8Array({ maxLength: 34 })
    .map((content) => Uint8Array.of(2, content.length, ...content));
  fc.assert(
    fc.property(integer, integer, fc.uint8Array({ maxLength: 2 }), (r, s, rest) => {
      const der = Uint8Array.of(0x30, r.length + s.length, ...r, ...s, ...rest);
      let raw: Uint8Array;
      try {
        raw = derToRaw(der);
      } catch (error) {
        if (KeysError.is(error)) return;
        throw error;
      }
      expect(rawToDer(raw)).toEqual(der);
    }),
    { numRuns: 2000 },
  );
});

test("any bytes, text or value at an importer give a key or a coded refusal", () => {
  const members = fc.dictionary(
    fc.constantFrom("kty", "crv", "x", "y", "d", "use", "alg", "key_ops", "kid"),
    fc.oneof(fc.anything(), fc.constantFrom("EC", "P-256", "OKP", "Ed25519", "A".repeat(43), "sig")),
  );
  const runs = fc.oneof(
    fc.string({ unit: "binary" }).map((text) => () => importPublicKeyPem(text)),
    fc
      .string()
      .map(
        (text) => () =>
          importPrivateKeyPem(`-----BEGIN PRIVATE KEY-----\n${text}\n-----END PRIVATE KEY-----`),
      ),
    fc.uint8Array().map((bytes) => () => importPublicKeySpki(bytes)),
    fc.uint8Array().map((bytes) => () => importPublicKeySpki(Uint8Array.of(0x30, ...bytes))),
    members.map((jwk) => () => importPublicKeyJwk(jwk)),
    members.map((jwk) => () => importPrivateKeyJwk(jwk)),
    fc.anything().map((jwk) => () => importPublicKeyJwk(jwk)),
  );
  fc.assert(
    fc.property(runs, (run) => {
      try {
        run();
      } catch (error) {
        if (!KeysError.is(error)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});

test("one changed byte of a P-256 key never gives the same or another valid key by accident", () => {
  fc.assert(
    fc.property(secret, fc.nat(90), fc.integer({ min: 1, max: 255 }), (secret, at, change) => {
      const spki = importPrivateKeyRaw("ES256", secret).publicKey.spki();
      spki[at] = (spki[at] ?? 0) ^ change;
      expect(refusalCode(() => importPublicKeySpki(spki))).toMatch(/^KEY_/);
    }),
  );
});

test("one changed byte of an Ed25519 key is refused or is another key", () => {
  fc.assert(
    fc.property(secret, fc.nat(31), fc.integer({ min: 1, max: 255 }), (secret, at, change) => {
      const key = importPrivateKeyRaw("Ed25519", secret).publicKey;
      const raw = key.raw();
      raw[at] = (raw[at] ?? 0) ^ change;
      try {
        expect(importPublicKeyRaw("Ed25519", raw).thumbprint).not.toBe(key.thumbprint);
      } catch (error) {
        if (!KeysError.is(error)) throw error;
        expect(error.code).toBe("KEY_POINT_INVALID");
      }
    }),
  );
});
