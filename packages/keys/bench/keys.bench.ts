import {
  sign as bareSign,
  verify as bareVerify,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hash,
  randomBytes,
} from "node:crypto";
import { ed25519 as nobleEd25519 } from "@noble/curves/ed25519.js";
import { p256 as nobleP256 } from "@noble/curves/nist.js";
import { hmac as nobleHmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import {
  exportPrivateKeyJwk,
  exportPrivateKeyPem,
  generateKeyPair,
  HmacKey,
  hmacSha256,
  importPublicKeyJwk,
  importPublicKeyPem,
  sha256,
  sha256Hex,
  sign,
  verify,
  verifyMany,
} from "@symbiont/keys";
import { CompactSign, compactVerify, importJWK } from "jose";
import type { Bench } from "../../../scripts/bench/bench.ts";

const JOSE = "jose 6";
const NOBLE = "@noble 2.4";
const raw = { format: "raw" } as const;

/** Keys, signatures and peers are made on request, so that listing benches costs nothing. */
export async function benches(): Promise<readonly Bench[]> {
  return [...(await es256()), ...(await ed25519()), ...hashes(), ...imports()];
}

async function es256(): Promise<Bench[]> {
  const message = randomBytes(256);
  const { privateKey, publicKey } = generateKeyPair("ES256");
  const barePrivate = createPrivateKey(exportPrivateKeyPem(privateKey));
  const barePublic = createPublicKey(publicKey.toPem());
  const bareRaw = { key: barePublic, dsaEncoding: "ieee-p1363" } as const;
  const der = sign(privateKey, message);
  const compact = sign(privateKey, message, raw);
  const joseKey = await importJWK({ ...publicKey.toJwk() }, "ES256");
  const josePrivate = await importJWK({ ...exportPrivateKeyJwk(privateKey) }, "ES256");
  const joseSign = (): Promise<string> =>
    new CompactSign(message).setProtectedHeader({ alg: "ES256" }).sign(josePrivate);
  const jws = await joseSign();
  const many = Array.from({ length: 64 }, () => ({ key: publicKey, signature: der, data: message }));
  const pooled = (): Promise<boolean> =>
    new Promise((resolve, reject) => {
      bareVerify("sha256", message, barePublic, der, (error, valid) => {
        if (error === null) resolve(valid);
        else reject(error);
      });
    });
  return [
    {
      name: "ES256 verify DER, 256 B",
      ours: () => verify(publicKey, der, message),
      floor: () => bareVerify("sha256", message, barePublic, der),
      floorName: "crypto.verify, cached KeyObject, DER",
      peer: () => compactVerify(jws, joseKey),
      peerName: JOSE,
      maxFloorRatio: 1.15,
    },
    {
      name: "ES256 verify raw, 256 B",
      ours: () => verify(publicKey, compact, message, raw),
      floor: () => bareVerify("sha256", message, bareRaw, compact),
      floorName: "crypto.verify, cached KeyObject, ieee-p1363",
      peer: () =>
        nobleP256.verify(compact, message, publicKey.raw(), {
          lowS: false,
          format: "compact",
          prehash: true,
        }),
      peerName: NOBLE,
      maxFloorRatio: 1.15,
    },
    {
      name: "ES256 verify, 64 at once",
      ours: () => verifyMany(many),
      floor: () => Promise.all(many.map(pooled)),
      floorName: "crypto.verify with callback, 64 in flight",
      peer: () => Promise.all(many.map(() => compactVerify(jws, joseKey))),
      peerName: JOSE,
      maxFloorRatio: 1.15,
    },
    {
      name: "ES256 sign DER, 256 B",
      ours: () => sign(privateKey, message),
      floor: () => bareSign("sha256", message, barePrivate),
      floorName: "crypto.sign, cached KeyObject, DER",
      peer: joseSign,
      peerName: JOSE,
      maxFloorRatio: 1.15,
    },
    {
      name: "ES256 sign deterministic, 256 B",
      ours: () => sign(privateKey, message, { deterministic: true }),
      floor: () => bareSign("sha256", message, barePrivate),
      floorName: "crypto.sign (random nonce: OpenSSL has no other)",
    },
  ];
}

async function ed25519(): Promise<Bench[]> {
  const message = randomBytes(256);
  const { privateKey, publicKey } = generateKeyPair("Ed25519");
  const barePrivate = createPrivateKey(exportPrivateKeyPem(privateKey));
  const barePublic = createPublicKey(publicKey.toPem());
  const signature = sign(privateKey, message);
  const joseKey = await importJWK({ ...publicKey.toJwk() }, "Ed25519");
  const josePrivate = await importJWK({ ...exportPrivateKeyJwk(privateKey) }, "Ed25519");
  const joseSign = (): Promise<string> =>
    new CompactSign(message).setProtectedHeader({ alg: "Ed25519" }).sign(josePrivate);
  const jws = await joseSign();
  return [
    {
      name: "Ed25519 verify, 256 B",
      ours: () => verify(publicKey, signature, message),
      floor: () => bareVerify(null, message, barePublic, signature),
      floorName: "crypto.verify, cached KeyObject",
      peer: () => compactVerify(jws, joseKey),
      peerName: JOSE,
      maxFloorRatio: 1.1,
    },
    {
      name: "Ed25519 sign, 256 B",
      ours: () => sign(privateKey, message),
      floor: () => bareSign(null, message, barePrivate),
      floorName: "crypto.sign, cached KeyObject",
      peer: joseSign,
      peerName: JOSE,
      maxFloorRatio: 1.1,
    },
    {
      name: "Ed25519 verify on noble, 256 B",
      ours: () => verify(publicKey, signature, message, { engine: "noble" }),
      floor: () => bareVerify(null, message, barePublic, signature),
      floorName: "crypto.verify, cached KeyObject",
      peer: () => nobleEd25519.verify(signature, message, publicKey.raw(), { zip215: false }),
      peerName: NOBLE,
    },
  ];
}

function hashes(): Bench[] {
  const small = randomBytes(64);
  const kilobyte = randomBytes(1024);
  const large = randomBytes(65_536);
  const text = "x".repeat(1024);
  const secret = randomBytes(32);
  const key = new HmacKey(secret);
  const bareKey = createSecretKey(secret);
  const bareHmac = (data: Uint8Array): Uint8Array => createHmac("sha256", bareKey).update(data).digest();
  return [
    {
      name: "SHA-256 hex, 64 B",
      ours: () => sha256Hex(small),
      floor: () => hash("sha256", small, "hex"),
      floorName: "crypto.hash to hex",
      peer: () => nobleSha256(small),
      peerName: NOBLE,
    },
    {
      name: "SHA-256 hex, 1 KiB",
      ours: () => sha256Hex(kilobyte),
      floor: () => hash("sha256", kilobyte, "hex"),
      floorName: "crypto.hash to hex",
      peer: () => nobleSha256(kilobyte),
      peerName: NOBLE,
      maxFloorRatio: 1.05,
    },
    {
      name: "SHA-256 hex, 1 KiB of text",
      ours: () => sha256Hex(text),
      floor: () => hash("sha256", text, "hex"),
      floorName: "crypto.hash to hex",
      maxFloorRatio: 1.1,
    },
    {
      name: "SHA-256 bytes, 1 KiB",
      ours: () => sha256(kilobyte),
      floor: () => hash("sha256", kilobyte, "buffer"),
      floorName: "crypto.hash to buffer",
      peer: () => nobleSha256(kilobyte),
      peerName: NOBLE,
      maxFloorRatio: 1.05,
    },
    {
      name: "SHA-256 bytes, 64 KiB",
      ours: () => sha256(large),
      floor: () => hash("sha256", large, "buffer"),
      floorName: "crypto.hash to buffer",
      maxFloorRatio: 1.05,
    },
    {
      name: "HMAC-SHA-256, kept key, 1 KiB",
      ours: () => hmacSha256(key, kilobyte),
      floor: () => bareHmac(kilobyte),
      floorName: "createHmac with a KeyObject",
      peer: () => nobleHmac(nobleSha256, secret, kilobyte),
      peerName: NOBLE,
      maxFloorRatio: 1.1,
    },
    {
      name: "HMAC-SHA-256, raw key, 1 KiB",
      ours: () => hmacSha256(secret, kilobyte),
      floor: () => createHmac("sha256", secret).update(kilobyte).digest(),
      floorName: "createHmac with the key's bytes",
      maxFloorRatio: 1.1,
    },
  ];
}

function imports(): Bench[] {
  const { publicKey } = generateKeyPair("ES256");
  const pem = publicKey.toPem();
  const jwk = { ...publicKey.toJwk(), use: "sig", kid: "1" };
  return [
    {
      name: "import a known PEM",
      ours: () => importPublicKeyPem(pem),
      floor: () => createPublicKey(pem),
      floorName: "crypto.createPublicKey from PEM",
      maxFloorRatio: 0.1,
    },
    {
      name: "import a known JWK",
      ours: () => importPublicKeyJwk(jwk),
      floor: () => createPublicKey({ key: jwk, format: "jwk" }),
      floorName: "crypto.createPublicKey from JWK",
      peer: () => importJWK({ ...jwk }, "ES256"),
      peerName: JOSE,
      maxFloorRatio: 0.1,
    },
  ];
}
