import type { CredentialClaims } from "../credential/credential-claims.ts";
import { type DelegationLink, isDepthAllowed, readDelegationChain } from "../delegation/delegation-chain.ts";
import type { IssuerDocuments } from "../documents/issuer-documents.ts";
import { type Refusal, refuse } from "../refusal.ts";
import type { VerificationRules } from "./verification-rules.ts";

/** The links whose documents are needed; what can be refused without any document is refused first. */
export function delegationOf(
  { delegation_chain: chain }: CredentialClaims,
  { discovery }: IssuerDocuments,
  { delegation }: VerificationRules,
): readonly DelegationLink[] | Refusal {
  if (chain === undefined || chain.length === 0)
    return delegation === "require" ? refuse(10, "DELEGATION_INVALID", "delegation_required") : [];
  if (delegation === "ignore") return [];
  if (!isDepthAllowed(chain.length, [discovery.maxDelegationDepth]))
    return refuse(10, "DELEGATION_DEPTH_EXCEEDED", "depth");
  return readDelegationChain(chain);
}
