import { type PrivateKey, sign } from "@symbiont/keys";
import { encodeBase64Url, encodeUtf8, type JsonObject } from "@symbiont/kit";
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
  const input = signingInput(kid, claims);
  // Half of all verifiers of other makes insist on the lower half of s.
  const signature = sign(key, input, { format: format === "jws" ? "raw" : "der", lowS: true });
  return `${input}.${encodeBase64Url(signature)}`;
}

/** The two parts of a credential that are signed. */
export function signingInput(kid: string, claims: JsonObject): string {
  const header = { alg: "ES256", typ: CREDENTIAL_TYPE, kid };
  return [header, claims].map((part) => encodeBase64Url(encodeUtf8(JSON.stringify(part)))).join(".");
}
