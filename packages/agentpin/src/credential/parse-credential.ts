import { isRefusal, type Refusal, refuse } from "../refusal.ts";
import { readJwsObject, readJwsSignature, splitCompactJws } from "./compact-jws.ts";
import { type CredentialClaims, checkCredentialClaims } from "./credential-claims.ts";
import { readCredentialHeader } from "./credential-header.ts";

/** A credential that could be read. Nothing in it may be trusted yet. */
export interface Credential {
  readonly kid: string;
  readonly claims: CredentialClaims;
  readonly signingInput: string;
  readonly signature: Uint8Array;
}

/** Step 1: reads a token strictly. Takes anything, and never throws. */
export function parseCredential(token: unknown): Credential | Refusal {
  const parts = splitCompactJws(token);
  if (parts === undefined) return refuse(1, "ALGORITHM_REJECTED", "malformed");
  const kid = readCredentialHeader(parts.header);
  if (typeof kid !== "string") return kid;
  const payload = readJwsObject(parts.payload);
  if (typeof payload === "string") return refuse(1, "ALGORITHM_REJECTED", payload);
  const claims = checkCredentialClaims(payload);
  if (isRefusal(claims)) return claims;
  const signature = readJwsSignature(parts.signature);
  if (signature === undefined) return refuse(1, "ALGORITHM_REJECTED", "base64url");
  return { kid, claims, signingInput: parts.signingInput, signature };
}
