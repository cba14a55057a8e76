import { decodeBase64Url } from "@symbiont/kit";
import { WebhookError } from "../webhook-error.ts";
import { type RuntimeCrypto, runtimeCrypto, type SubtleCrypto, webCrypto } from "./runtime-crypto.ts";

/** An RSA public key for RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2). */
export interface RsaKey {
  verify(message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>;
  /** Validity of the certificate that carried it, in epoch milliseconds. */
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
}

const MIN_BITS = 2048;
const MAX_BITS = 8192;
const WEB_ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const PEM = /^-----BEGIN (PUBLIC KEY|CERTIFICATE)-----[\sA-Za-z0-9+/=]+-----END \1-----\s*$/;

/**
 * Imports a PEM block `PUBLIC KEY`, or `CERTIFICATE` where the runtime can read one.
 * @throws TypeError when it is neither, not RSA, or not of 2048 to 8192 bits.
 * @throws WebhookError `WEBHOOK_RUNTIME_UNSUPPORTED` for a certificate in a runtime without certificates.
 */
export function importRsaPem(pem: string): RsaKey {
  const label = pem.length > 16_384 ? undefined : PEM.exec(pem.trim())?.[1];
  if (label === undefined) throw new TypeError("key must be one PEM block, PUBLIC KEY or CERTIFICATE");
  const runtime = runtimeCrypto();
  if (label === "CERTIFICATE") return importCertificate(runtime, pem);
  if (runtime !== undefined) return runtimeKey(runtime, runtime.createPublicKey(pem));
  const spki = Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, "")), (char) => char.charCodeAt(0));
  return webKey((subtle) => subtle.importKey("spki", spki, WEB_ALGORITHM, false, ["verify"]));
}

/** Imports the public members of an RSA JWK. @throws TypeError as {@link importRsaPem}. */
export function importRsaJwk(jwk: { readonly n: string; readonly e: string }): RsaKey {
  const bits = decodeBase64Url(jwk.n).length * 8;
  if (bits < MIN_BITS || bits > MAX_BITS) throw weakKey();
  const members = { kty: "RSA", n: jwk.n, e: jwk.e };
  const runtime = runtimeCrypto();
  if (runtime !== undefined)
    return runtimeKey(runtime, runtime.createPublicKey({ key: members, format: "jwk" }));
  return webKey((subtle) => subtle.importKey("jwk", members, WEB_ALGORITHM, false, ["verify"]));
}

function importCertificate(runtime: RuntimeCrypto | undefined, pem: string): RsaKey {
  if (typeof runtime?.X509Certificate !== "function")
    throw new WebhookError("WEBHOOK_RUNTIME_UNSUPPORTED", "this runtime cannot read certificates");
  const certificate = new runtime.X509Certificate(pem);
  return {
    ...runtimeKey(runtime, certificate.publicKey),
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
  };
}

function runtimeKey(runtime: RuntimeCrypto, key: import("node:crypto").KeyObject): RsaKey {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== "rsa" || bits < MIN_BITS || bits > MAX_BITS) throw weakKey();
  return { verify: (message, signature) => runtime.verify("RSA-SHA256", message, key, signature) };
}

function webKey(
  importKey: (subtle: SubtleCrypto) => Promise<import("node:crypto").webcrypto.CryptoKey>,
): RsaKey {
  let imported: ReturnType<typeof importKey> | undefined;
  return {
    verify: async (message, signature) => {
      const subtle = webCrypto();
      const key = await (imported ??= importKey(subtle));
      const bits = (key.algorithm as { modulusLength?: number }).modulusLength ?? 0;
      if (bits < MIN_BITS || bits > MAX_BITS) return false;
      return subtle.verify(WEB_ALGORITHM.name, key, signature, message);
    },
  };
}

function weakKey(): TypeError {
  return new TypeError(`key must be RSA of ${MIN_BITS} to ${MAX_BITS} bits`);
}
