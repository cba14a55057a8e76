import type { CredentialClaims } from "../credential/credential-claims.ts";
import type { IssuerDocuments } from "../documents/issuer-documents.ts";
import { isRefusal } from "../refusal.ts";
import type { VerificationWarning } from "./verification.ts";
import type { VerificationRules } from "./verification-rules.ts";

/** What was let pass, and why that is weaker than it could be. */
export function credentialWarnings(
  { aud, cnf, delegation_chain: chain }: CredentialClaims,
  { revocation, isStale = false }: IssuerDocuments,
  { audience, delegation }: VerificationRules,
  proven = false,
): readonly VerificationWarning[] {
  const warnings: VerificationWarning[] = [];
  if (aud === "*" && audience !== false) warnings.push("audience_wildcard");
  if (delegation === "ignore" && chain !== undefined && chain.length > 0)
    warnings.push("delegation_not_checked");
  if (isStale) warnings.push("discovery_stale");
  if (isRefusal(revocation)) warnings.push("revocation_not_checked");
  if (cnf !== undefined && !proven) warnings.push("proof_not_checked");
  return warnings;
}
