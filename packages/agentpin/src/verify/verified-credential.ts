import { deepFreeze, type JsonObject } from "@symbiont/kit";
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
  return deepFreeze({
    valid: true,
    issuer: claims.iss,
    agentId: claims.sub,
    audience: claims.aud,
    capabilities: claims.capabilities,
    constraints,
    jti: claims.jti,
    issuedAt: claims.iat,
    expiresAt: claims.exp,
    kid,
    keyThumbprint: signer.thumbprint,
    publicKey: signer.key,
    delegation,
    pin,
    warnings,
    claims: claims as VerifiedCredential["claims"] & JsonObject,
  });
}
