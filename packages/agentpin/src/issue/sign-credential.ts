import { type PrivateKey, sign } from "@symbiont/keys";
import { encodeBase64Url, encodeBase64UrlText, type JsonObject } from "@symbiont/kit";
import { asciiBytes } from "../credential/ascii-bytes.ts";
import type { CredentialClaims } from "../credential/credential-claims.ts";
import { CREDENTIAL_TYPE } from "../credential/credential-header.ts";
import type { CredentialSignatureFormat } from "../credential/verify-signature.ts";

/** What is signed, and how. */
export interface SignCredentialOptions {
  /** ES256 key. */
  readonly key: PrivateKey;
  readonly kid: string;
  /** Written as they are, in this order: nothing is checked. */
  readonly claims: CredentialClaims & JsonObject;
  /** Default `der`, which is what other implementations read; `jws` is what RFC 7518 says. */
  readonly format?: CredentialSignatureFormat;
}

/**
 * Signs claims as a credential. `issueCredential` checks first what is signed.
 * @throws TypeError for a key of another algorithm.
 */
export function signCredential({ key, kid, claims, format = "der" }: SignCredentialOptions): string {
  if (key.algorithm !== "ES256") throw new TypeError("key must be an ES256 key");
  const input = `${headerPart(kid)}.${encodePart(claims)}`;
  // Half of all verifiers of other makes insist on the lower half of s.
  const signature = sign(key, asciiBytes(input), { format: format === "jws" ? "raw" : "der", lowS: true });
  return `${input}.${encodeBase64Url(signature)}`;
}

/** The first part of a credential. */
export function headerPart(kid: string): string {
  return encodePart({ alg: "ES256", typ: CREDENTIAL_TYPE, kid });
}

/** A part of a credential: JSON in base64url. */
export function encodePart(part: JsonObject): string {
  return encodeBase64UrlText(JSON.stringify(part));
}
