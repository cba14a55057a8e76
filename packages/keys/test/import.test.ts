import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import {
  exportPrivateKeyJwk,
  exportPrivateKeyPem,
  exportPrivateKeyPkcs8,
  generateKeyPair,
  importPrivateKeyJwk,
  importPrivateKeyPem,
  importPrivateKeyPkcs8,
  importPrivateKeyRaw,
  importPublicKeyJwk,
  importPublicKeyPem,
  importPublicKeyRaw,
  importPublicKeySpki,
} from "@symbiont/keys";
import { describe, expect, test } from "vitest";
import { refusalCode } from "./refusal.ts";

describe.each(["ES256", "Ed25519"] as const)("%s keys", (algorithm) => {
  const { privateKey, publicKey } = generateKeyPair(algorithm);
  const other = algorithm === "ES256" ? "Ed25519" : "ES256";

  test("come back from every public form as the same key", () => {
    const back = [
      importPublicKeyPem(publicKey.toPem()),
      importPublicKeySpki(publicKey.spki()),
      importPublicKeyJwk(publicKey.toJwk()),
      importPublicKeyRaw(algorithm, publicKey.raw()),
    ];
    for (const key of back) {
      expect(key.algorithm).toBe(algorithm);
      expect(key.thumbprint).toBe(publicKey.thumbprint);
      expect(key.fingerprint).toBe(publicKey.fingerprint);
    }
  });

  test("come back from every private form as the same key", () => {
    const back = [
      importPrivateKeyPem(exportPrivateKeyPem(privateKey)),
      importPrivateKeyPkcs8(exportPrivateKeyPkcs8(privateKey)),
      importPrivateKeyJwk(exportPrivateKeyJwk(privateKey)),
    ];
    for (const key of back) {
      expect(exportPrivateKeyPkcs8(key)).toEqual(exportPrivateKeyPkcs8(privateKey));
      expect(key.publicKey.thumbprint).toBe(publicKey.thumbprint);
    }
  });

  test("are written as OpenSSL writes them", () => {
    const pem = exportPrivateKeyPem(privateKey);
    expect(createPrivateKey(pem).export({ format: "pem", type: "pkcs8" })).toBe(pem);
    expect(createPublicKey(pem).export({ format: "pem", type: "spki" })).toBe(publicKey.toPem());
    expect(createPrivateKey(pem).export({ format: "jwk" })).toEqual(exportPrivateKeyJwk(privateKey));
  });

  test("are refused where the other algorithm is expected", () => {
    const runs = [
      () => importPublicKeyPem(publicKey.toPem(), { algorithm: other }),
      () => importPublicKeySpki(publicKey.spki(), { algorithm: other }),
      () => importPublicKeyJwk(publicKey.toJwk(), { algorithm: other }),
      () => importPrivateKeyPem(exportPrivateKeyPem(privateKey), { algorithm: other }),
      () => importPrivateKeyPkcs8(exportPrivateKeyPkcs8(privateKey), { algorithm: other }),
      () => importPrivateKeyJwk(exportPrivateKeyJwk(privateKey), { algorithm: other }),
    ];
    for (const run of runs) expect(refusalCode(run)).toBe("KEY_ALGORITHM_MISMATCH");
    expect(importPublicKeyPem(publicKey.toPem(), { algorithm }).algorithm).toBe(algorithm);
  });

  test("need the member use only where a profile asks for it", () => {
    const jwk = publicKey.toJwk();
    expect(refusalCode(() => importPublicKeyJwk(jwk, { requireUse: true }))).toBe("KEY_INVALID_JWK");
    expect(importPublicKeyJwk({ ...jwk, use: "sig" }, { requireUse: true }).algorithm).toBe(algorithm);
  });

  test("cannot be changed", () => {
    expect(Object.isFrozen(publicKey) && Object.isFrozen(privateKey)).toBe(true);
    publicKey.raw().fill(0);
    publicKey.spki().fill(0);
    exportPrivateKeyPkcs8(privateKey).fill(0);
    expect(importPublicKeyRaw(algorithm, publicKey.raw()).thumbprint).toBe(publicKey.thumbprint);
    expect(importPrivateKeyPkcs8(exportPrivateKeyPkcs8(privateKey)).publicKey.thumbprint).toBe(
      publicKey.thumbprint,
    );
  });

  test("do not follow the buffer they came from", () => {
    const raw = Buffer.from(rawOfNewKey(algorithm)); // a key that the cache cannot know
    const key = importPublicKeyRaw(algorithm, raw);
    const before = Buffer.from(raw);
    raw.fill(0);
    expect(key.raw()).toEqual(new Uint8Array(before));
    const secret = Buffer.from(
      exportPrivateKeyPkcs8(privateKey)
        .subarray(algorithm === "ES256" ? 36 : 16)
        .subarray(0, 32),
    );
    const imported = importPrivateKeyRaw(algorithm, secret);
    secret.fill(0);
    expect(exportPrivateKeyPkcs8(imported)).toEqual(exportPrivateKeyPkcs8(privateKey));
  });

  test("are different each time", () => {
    expect(generateKeyPair(algorithm).publicKey.thumbprint).not.toBe(publicKey.thumbprint);
  });
});

/** Raw public key that this package has never seen. */
function rawOfNewKey(algorithm: "ES256" | "Ed25519"): Uint8Array {
  const pair =
    algorithm === "ES256"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("ed25519");
  const spki = pair.publicKey.export({ format: "der", type: "spki" });
  return spki.subarray(algorithm === "ES256" ? -65 : -32);
}

test("wrong argument types are TypeErrors", () => {
  const { publicKey } = generateKeyPair("Ed25519");
  const runs = [
    () => importPublicKeyPem(new Uint8Array() as never),
    () => importPublicKeySpki("MCow" as never),
    () => importPublicKeyRaw("Ed25519", "AAAA" as never),
    () => importPublicKeyRaw("RS256" as never, new Uint8Array(32)),
    () => importPublicKeyPem(publicKey.toPem(), { algorithm: "EdDSA" as never }),
    () => importPrivateKeyPem(1 as never),
    () => importPrivateKeyPkcs8([] as never),
    () => importPrivateKeyRaw("Ed25519", [1] as never),
    () => importPrivateKeyRaw("toString" as never, new Uint8Array(32)),
    () => generateKeyPair("RS256" as never),
  ];
  for (const run of runs) expect(run).toThrow(TypeError);
});
