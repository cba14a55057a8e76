import type { JsonObject } from "@symbiont/kit";
import type { Credential } from "../credential/parse-credential.ts";
import type { CheckedCredential } from "./check-credential.ts";
import type { VerificationWarning, VerifiedCredential, VerifiedDelegator } from "./verification.ts";

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
    delegation: frozenJson(delegation),
    pin,
    warnings: Object.freeze(warnings),
    claims: frozenJson(claims) as VerifiedCredential["claims"] & JsonObject,
  });
}

/** Freezes data that came out of a parser, in place: it has no cycles and no getters. */
function frozenJson<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  for (const name in value) frozenJson(value[name]);
  return Object.freeze(value);
}
