import assert from "node:assert/strict";
import {
  type Algorithm,
  availableEngines,
  derToRaw,
  exportPrivateKeyJwk,
  exportPrivateKeyPem,
  exportPrivateKeyPkcs8,
  HmacKey,
  hmacSha256,
  importPrivateKeyJwk,
  importPrivateKeyPem,
  importPrivateKeyPkcs8,
  importPrivateKeyRaw,
  importPublicKeyJwk,
  importPublicKeyPem,
  importPublicKeyRaw,
  importPublicKeySpki,
  KeysError,
  type PrivateKey,
  type PublicKey,
  rawToDer,
  sha256,
  sha256Hex,
  sign,
  verify,
  verifyMany,
} from "@symbiont/keys";
import { decodeBase64Url, decodeHex, encodeBase64Url, encodeHex } from "@symbiont/kit";
import type { ConformanceSuite } from "../../../scripts/conformance/suite.ts";

const es256 = { algorithm: "ES256" } as const;

const importers: Record<string, (input: never) => PublicKey> = {
  "public-raw-ES256": (input) => importPublicKeyRaw("ES256", decodeHex(input)),
  "public-raw-Ed25519": (input) => importPublicKeyRaw("Ed25519", decodeHex(input)),
  "public-spki": (input) => importPublicKeySpki(decodeHex(input)),
  "public-pem": (input) => importPublicKeyPem(input),
  "public-jwk": (input) => importPublicKeyJwk(input),
  "private-raw-ES256": (input) => importPrivateKeyRaw("ES256", decodeHex(input)).publicKey,
  "private-raw-Ed25519": (input) => importPrivateKeyRaw("Ed25519", decodeHex(input)).publicKey,
  "private-pkcs8": (input) => importPrivateKeyPkcs8(decodeHex(input)).publicKey,
  "private-pem": (input) => importPrivateKeyPem(input).publicKey,
  "private-jwk": (input) => importPrivateKeyJwk(input).publicKey,
};

/** The vector files this package understands. */
export const suite: ConformanceSuite = {
  "schemapin/keys.json": (data, check) => {
    for (const vector of Object.values<any>(data.keys)) {
      check(vector.label, () => {
        const key = importPrivateKeyRaw("ES256", decodeHex(vector.private_scalar_hex));
        checkPrivate(key, vector.private_pkcs8_pem, vector.jwk);
        checkPublic(key.publicKey, vector.public_key_pem, vector.jwk);
        assert.equal(encodeHex(key.publicKey.spki()), vector.spki_der_hex);
        assert.equal(key.publicKey.fingerprint, vector.fingerprint);
      });
    }
    for (const vector of data.public_key_encodings_of_publisher_a) {
      check(`encoding ${vector.name}`, () => {
        checkOutcome(() => importPublicKeyPem(vector.pem, es256), vector.expect === "accept");
        if (vector.expect === "accept") {
          assert.equal(importPublicKeyPem(vector.pem, es256).fingerprint, vector.expect_fingerprint);
        }
      });
    }
    for (const vector of data.rejected_public_keys) {
      check(`refused ${vector.name}`, () =>
        checkOutcome(() => importPublicKeyPem(vector.pem, es256), vector.expect === "accept"),
      );
    }
  },

  "agentpin/keys.json": (data, check) => {
    for (const vector of data.keys) {
      check(vector.name, () => {
        const key = importPrivateKeyPem(vector.private_key_pem, es256);
        const d = vector.private_d_b64u;
        checkPrivate(key, vector.private_key_pem, { ...vector.jwk, d, key_ops: ["sign"] });
        checkPublic(key.publicKey, vector.public_key_pem, vector.jwk);
        assert.equal(exportPrivateKeyJwk(key).d, d);
        assert.equal(key.publicKey.thumbprint, vector.rfc7638_thumbprint_b64u);
        assert.equal(encodeHex(decodeBase64Url(key.publicKey.thumbprint)), vector.agentpin_thumbprint_hex);
        assert.equal(key.publicKey.fingerprint, `sha256:${vector.key_id_hex}`);
      });
    }
  },

  "agentpin/jwk.json": (data, check) => {
    for (const vector of data.cases) {
      check(vector.id, () => {
        const run = (): PublicKey => importPublicKeyJwk(vector.jwk, { ...es256, requireUse: true });
        checkOutcome(run, vector.expect_import);
        if (!vector.expect_import) return;
        const observed = encodeHex(decodeBase64Url(run().thumbprint));
        for (const reference of Object.values<any>(vector.observed)) {
          if (reference.thumbprint !== undefined) assert.equal(observed, reference.thumbprint);
        }
      });
    }
  },

  "keys/published.json": (data, check) => {
    for (const vector of data.ecdsa) check(vector.id, () => checkKnownSignature("ES256", vector));
    for (const vector of data.eddsa) check(vector.id, () => checkKnownSignature("Ed25519", vector));
    for (const vector of data.jws) {
      check(vector.id, async () => {
        const key = importPrivateKeyJwk(vector.jwk);
        if (vector.thumbprint !== undefined) assert.equal(key.publicKey.thumbprint, vector.thumbprint);
        await checkSignature(key.publicKey, decodeBase64Url(vector.signature), vector.input, "raw", true);
        if (key.algorithm === "Ed25519") {
          assert.equal(encodeBase64Url(sign(key, vector.input)), vector.signature);
        }
      });
    }
    for (const vector of data.pem) {
      check(vector.id, () => {
        const key = importPrivateKeyPem(vector.private);
        assert.equal(exportPrivateKeyPem(key), vector.private);
        assert.equal(key.publicKey.toPem(), vector.public);
      });
    }
    for (const vector of data.sha256) {
      check(`sha256 ${vector.id}`, () => {
        assert.equal(sha256Hex(decodeHex(vector.message)), vector.digest);
        assert.equal(encodeHex(sha256(decodeHex(vector.message))), vector.digest);
      });
    }
    for (const vector of data.hmac) {
      check(vector.id, () => {
        const key = decodeHex(vector.key);
        assert.equal(encodeHex(hmacSha256(key, decodeHex(vector.message))), vector.tag);
        assert.equal(encodeHex(hmacSha256(new HmacKey(key), decodeHex(vector.message))), vector.tag);
      });
    }
  },

  "keys/ecdsa-signatures.json": (data, check) => {
    const key = importPublicKeyRaw("ES256", decodeHex(data.raw));
    for (const vector of data.cases) {
      check(vector.id, async () => {
        const signature = decodeHex(vector.signature);
        await checkSignature(key, signature, decodeHex(vector.message), vector.format, vector.valid);
        const [there, back] = vector.format === "der" ? [derToRaw, rawToDer] : [rawToDer, derToRaw];
        if (vector.well_encoded) assert.deepEqual(back(there(signature)), signature);
        else
          assert.equal(
            refusal(() => there(signature)),
            "KEY_SIGNATURE_MALFORMED",
          );
      });
    }
  },

  "keys/eddsa-signatures.json": (data, check) => {
    for (const vector of data.cases) {
      check(vector.id, async () => {
        const key = importPublicKeyRaw("Ed25519", decodeHex(vector.raw));
        const signature = decodeHex(vector.signature);
        await checkSignature(key, signature, decodeHex(vector.message), "raw", vector.valid);
      });
    }
  },

  "keys/key-imports.json": (data, check) => {
    for (const vector of data.cases) {
      check(vector.id, () => {
        const run = (): PublicKey => (importers[vector.form] as (input: unknown) => PublicKey)(vector.input);
        if (vector.code !== null) {
          assert.equal(refusal(run), vector.code);
          return;
        }
        assert.equal(run().algorithm, vector.algorithm);
        assert.equal(run().fingerprint, vector.fingerprint);
      });
    }
  },
};

/** Both engines and the pooled form must answer alike. */
async function checkSignature(
  key: PublicKey,
  signature: Uint8Array,
  data: Uint8Array | string,
  format: "der" | "raw",
  valid: boolean,
): Promise<void> {
  for (const engine of availableEngines()) {
    assert.equal(verify(key, signature, data, { engine, format }), valid, engine);
    assert.deepEqual(await verifyMany([{ key, signature, data, format }], { engine }), [valid], engine);
  }
}

async function checkKnownSignature(algorithm: Algorithm, vector: any): Promise<void> {
  const key = importPrivateKeyRaw(algorithm, decodeHex(vector.secret));
  const message = decodeHex(vector.message);
  assert.equal(encodeHex(key.publicKey.raw()), vector.raw);
  await checkSignature(key.publicKey, decodeHex(vector.signature), message, "raw", true);
  for (const engine of algorithm === "ES256" ? (["noble"] as const) : availableEngines()) {
    const signature = sign(key, message, { engine, deterministic: true, format: "raw" });
    assert.equal(encodeHex(signature), vector.signature, engine);
  }
}

function checkPrivate(key: PrivateKey, pem: string, jwk: object): void {
  assert.equal(exportPrivateKeyPem(key), pem);
  for (const same of [
    importPrivateKeyPem(pem),
    importPrivateKeyJwk(jwk),
    importPrivateKeyPkcs8(exportPrivateKeyPkcs8(key)),
  ]) {
    assert.deepEqual(exportPrivateKeyPkcs8(same), exportPrivateKeyPkcs8(key));
  }
}

function checkPublic(key: PublicKey, pem: string, privateJwk: Record<string, unknown>): void {
  const { d: _, ...jwk } = privateJwk;
  assert.equal(key.toPem(), pem);
  for (const same of [importPublicKeyPem(pem), importPublicKeyJwk(jwk), importPublicKeySpki(key.spki())]) {
    assert.equal(same.fingerprint, key.fingerprint);
    assert.equal(same.thumbprint, key.thumbprint);
  }
}

function checkOutcome(run: () => unknown, accepted: boolean): void {
  if (accepted) run();
  else refusal(run);
}

/** The code with which `run` refuses; a pass, or any other error, fails. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (KeysError.is(error)) return error.code;
    throw error;
  }
  throw new assert.AssertionError({ message: "was accepted" });
}
