import type { IssuerDocuments } from "../documents/issuer-documents.ts";
import { isRefusal, type Refusal, refuse } from "../refusal.ts";
import type { VerificationRules } from "./verification-rules.ts";

/** What may have been revoked. */
export interface Revocable {
  readonly jti: string | undefined;
  readonly agentId: string;
  readonly kid: string;
  readonly thumbprint: string;
}

/** Step 6: the credential, then its agent, then its key, under its id and under any other. */
export function checkRevocation(
  { revocation, revokedThumbprints }: IssuerDocuments,
  { jti, agentId, kid, thumbprint }: Revocable,
  now: number,
  rules: VerificationRules,
): Refusal | undefined {
  if (isRefusal(revocation)) {
    // What is known to be revoked stays so, even while the list cannot be had.
    if (revokedThumbprints.has(thumbprint)) return refuse(6, "KEY_REVOKED", "key_revoked");
    return rules.revocation === "required" ? revocation : undefined;
  }
  if (jti !== undefined && revocation.credentials.has(jti)) return refuse(6, "CREDENTIAL_REVOKED", "jti");
  if (revocation.agents.has(agentId)) return refuse(6, "AGENT_INACTIVE", "agent_revoked");
  if (revocation.keys.has(kid) || revokedThumbprints.has(thumbprint))
    return refuse(6, "KEY_REVOKED", "key_revoked");
  if (!(now - revocation.updatedAt <= rules.maxRevocationAgeSeconds))
    return refuse(6, "DISCOVERY_FETCH_FAILED", "revocation_stale", true);
  return undefined;
}
