import { curves } from "#noble-curves";
import { hasAt } from "./byte-string.ts";
import type { Engine, SignatureFormat } from "./engine.ts";
import type { PublicKey } from "./public-key.ts";

/** The portable engine. ES256 signatures are deterministic (RFC 6979), s is left as it comes. */
export const nobleEngine: Engine = {
  name: "noble",
  publicKeyOf: (algorithm, secret) =>
    algorithm === "ES256" ? curves().p256.getPublicKey(secret, false) : curves().ed25519.getPublicKey(secret),
  sign: (key, secret, data, format) =>
    key.algorithm === "ES256"
      ? curves().p256.sign(data, secret, ecdsaOptions(format))
      : curves().ed25519.sign(data, secret),
  verify,
  verifyPooled: async (key, signature, data, format) => verify(key, signature, data, format),
};

function verify(key: PublicKey, signature: Uint8Array, data: Uint8Array, format: SignatureFormat): boolean {
  return key.algorithm === "ES256"
    ? curves().p256.verify(signature, data, key.raw(), ecdsaOptions(format))
    : verifyEd25519(key.raw(), signature, data);
}

/** All three are spelled out because the library's defaults differ: it refuses the upper half of s. */
function ecdsaOptions(format: SignatureFormat): {
  format: "der" | "compact";
  lowS: false;
  prehash: true;
} {
  return { format: format === "der" ? "der" : "compact", lowS: false, prehash: true };
}

/**
 * [S]B - [k]A must encode to R (RFC 8032 section 5.1.7, the stricter equation without cofactor). The library's
 * own `verify` multiplies by the cofactor and so accepts signatures that OpenSSL refuses. All inputs are public.
 */
function verifyEd25519(raw: Uint8Array, signature: Uint8Array, data: Uint8Array): boolean {
  const { bytesToNumberLE, ed25519, sha512 } = curves();
  const { Point } = ed25519;
  const encodedR = signature.subarray(0, 32);
  const s = bytesToNumberLE(signature.subarray(32));
  const challenge = sha512.create().update(encodedR).update(raw).update(data).digest();
  const k = Point.Fn.create(bytesToNumberLE(challenge));
  const r = Point.BASE.multiplyUnsafe(s).subtract(Point.fromBytes(raw, false).multiplyUnsafe(k));
  return hasAt(r.toBytes(), encodedR, 0);
}
