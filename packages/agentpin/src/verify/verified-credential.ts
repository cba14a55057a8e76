import type { JsonObject } from "@symbiont/kit";
import type { Credential } from "../credential/parse-credential.ts";
import type { CheckedCredential } from "./check-credential.ts";
import type { VerificationWarning, VerifiedCredential, VerifiedDelegator } from "./verification.ts";

const NOTHING: readonly never[] = Object.freeze([]);

/** Words the result of a credential that passed every step. */
export function verifiedCredential(
  { kid, claims }: Credential,
  { signer, constraints }: CheckedCredential,
  delegation: readonly VerifiedDelegator[],
  pin: VerifiedCredential["pin"],
  warnings: readonly VerificationWarning[],
): VerifiedCredential {
  return Object.freeze({
    valid: true,
    issuer: claims.iss,
    agentId: claims.sub,
    audience: claims.aud,
    capabilities: claims.capabilities,
    constraints: constraints && Object.freeze(constraints),
    jti: claims.jti,
    issuedAt: claims.iat,
    expiresAt: claims.exp,
    kid,
    keyThumbprint: signer.thumbprint,
    publicKey: signer.key,
    delegation: delegation.length === 0 ? NOTHING : frozenJson(delegation),
    pin,
    warnings: warnings.length === 0 ? NOTHING : Object.freeze(warnings),
    claims: frozenJson(claims) as VerifiedCredential["claims"] & JsonObject,
  });
}

/** Freezes data that came out of a parser, in place: it has no cycles and no getters. */
function frozenJson<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  for (const name in value) {
    const member: unknown = value[name];
    if (typeof member === "object") frozenJson(member);
  }
  return Object.freeze(value);
}
