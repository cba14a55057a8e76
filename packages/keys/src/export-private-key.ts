import { concatBytes, encodeBase64Url } from "@symbiont/kit";
import { ALGORITHMS } from "./algorithm.ts";
import type { PrivateJwk } from "./jwk.ts";
import { encodePem } from "./pem.ts";
import { type PrivateKey, secretOf } from "./private-key.ts";

/** PKCS#8 DER; for ES256 with the public key inside. Holds the secret: zero it after use. */
export function exportPrivateKeyPkcs8(key: PrivateKey): Uint8Array {
  const secret = secretOf(key);
  const { header, bridge } = ALGORITHMS[key.algorithm].pkcs8Forms[0];
  return bridge === undefined
    ? concatBytes(header, secret)
    : concatBytes(header, secret, bridge, key.publicKey.raw());
}

/** PKCS#8 PEM, label `PRIVATE KEY`. Holds the secret, in a string that cannot be zeroed. */
export function exportPrivateKeyPem(key: PrivateKey): string {
  const der = exportPrivateKeyPkcs8(key);
  const pem = encodePem("PRIVATE KEY", der);
  der.fill(0);
  return pem;
}

/** JWK with the private member `d`. Holds the secret, in a string that cannot be zeroed. */
export function exportPrivateKeyJwk(key: PrivateKey): PrivateJwk {
  return { ...key.publicKey.toJwk(), d: encodeBase64Url(secretOf(key)) };
}
