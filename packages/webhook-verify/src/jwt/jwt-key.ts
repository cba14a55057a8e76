import { importPublicKeyJwk, verify } from "@symbiont/keys";
import { decodeBase64Url } from "@symbiont/kit";
import { hmac } from "../internal/mac.ts";
import { importRsaJwk } from "../internal/rsa-key.ts";

/** Signature algorithms of tokens (RFC 7518 section 3.1, RFC 8037 section 3.1). */
export type JwtAlgorithm = "HS256" | "ES256" | "EdDSA" | "RS256";

/** A JWK as it stands in a set; only members of a known meaning are looked at. */
export interface Jwk {
  readonly kty: string;
  readonly kid?: string;
  readonly alg?: string;
  readonly use?: string;
  readonly [member: string]: unknown;
}

/** A key that is ready for use, with the one algorithm it is for. */
export interface JwtKey {
  readonly algorithm: JwtAlgorithm;
  readonly index: number;
  readonly kid?: string;
  verify(message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>;
}

const RAW = { format: "raw" } as const;
/** RFC 7518 section 3.2: a key at least as long as the hash. */
const MIN_SECRET_BYTES = 32;

/**
 * Imports the keys of a set. Entries that are not usable (another type or use, a point off the curve, a short
 * secret) are passed over, as RFC 7517 section 5 has it, so that one of them does not take the others down.
 */
export function importJwks(jwks: readonly Jwk[]): readonly JwtKey[] {
  return jwks.flatMap((jwk, index) => {
    try {
      const key = importJwk(jwk, index);
      return key === undefined || (jwk.alg !== undefined && jwk.alg !== key.algorithm) ? [] : [key];
    } catch {
      return [];
    }
  });
}

function importJwk(jwk: Jwk, index: number): JwtKey | undefined {
  if (jwk.use !== undefined && jwk.use !== "sig") return undefined;
  const base = { index, ...(typeof jwk.kid === "string" ? { kid: jwk.kid } : {}) };
  switch (jwk.kty) {
    case "oct":
      return { ...base, algorithm: "HS256", verify: importSecret(jwk) };
    case "RSA": {
      const key = importRsaJwk({ n: text(jwk["n"]), e: text(jwk["e"]) });
      return { ...base, algorithm: "RS256", verify: (message, signature) => key.verify(message, signature) };
    }
    case "EC":
    case "OKP": {
      const { alg: _, ...members } = jwk;
      const key = importPublicKeyJwk(members);
      return {
        ...base,
        algorithm: key.algorithm === "ES256" ? "ES256" : "EdDSA",
        verify: (message, signature) => verify(key, signature, message, RAW),
      };
    }
    default:
      return undefined;
  }
}

function importSecret(jwk: Jwk): JwtKey["verify"] {
  const secret = decodeBase64Url(text(jwk["k"]));
  if (secret.length < MIN_SECRET_BYTES) throw new RangeError("secret is too short");
  const mac = hmac("sha256", secret);
  return (message, signature) => mac.matches({ before: "", body: message, after: "" }, [signature]);
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("member must be a text");
  return value;
}
