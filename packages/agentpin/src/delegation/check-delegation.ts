import { capabilityProblem } from "../capabilities/capability-set.ts";
import type { CredentialClaims } from "../credential/credential-claims.ts";
import type { DocumentAgent } from "../documents/document-agent.ts";
import type { IssuerDocuments } from "../documents/issuer-documents.ts";
import { isRefusal, type Refusal, refuse } from "../refusal.ts";
import { findKey } from "../verify/check-key.ts";
import { checkRevocation } from "../verify/check-revocation.ts";
import type { VerifiedDelegator } from "../verify/verification.ts";
import type { VerificationRules } from "../verify/verification-rules.ts";
import { verifyAttestation } from "./attestation.ts";
import { type DelegationLink, isDepthAllowed } from "./delegation-chain.ts";

/** Everything a chain is judged by. */
export interface DelegationCase {
  readonly links: readonly DelegationLink[];
  readonly claims: CredentialClaims;
  /** The issuer's own documents, and the agent they declare. */
  readonly issuer: IssuerDocuments;
  readonly agent: DocumentAgent;
  /** The documents of each link's domain, in the same order. */
  readonly documents: readonly IssuerDocuments[];
}

/**
 * Step 10: each link attests the next one, the last attests the credential's agent, all of them exactly the
 * credential's capabilities; every delegator declares its agent, which is active and may do at least what the next one
 * may. Keys and agents expire and are revoked as those of an issuer.
 */
export function checkDelegation(
  { links, claims, issuer, agent, documents }: DelegationCase,
  now: number,
  rules: VerificationRules,
): readonly VerifiedDelegator[] | Refusal {
  const depths = [issuer, ...documents].map(({ discovery }) => discovery.maxDelegationDepth);
  if (!isDepthAllowed(links.length, depths)) return refuse(10, "DELEGATION_DEPTH_EXCEEDED", "depth");
  const parties: VerifiedDelegator[] = [];
  let delegatee = { domain: claims.iss, agentId: claims.sub, agent };
  // From the credential's end: whom a link attests is known by then.
  for (const [index, link] of [...links.entries()].toReversed()) {
    const delegator = checkLink(link, documents[index] as IssuerDocuments, delegatee, claims, now, rules);
    if (isRefusal(delegator)) return delegator;
    parties.unshift({ domain: link.domain, role: link.role, agentId: link.agentId });
    delegatee = { domain: link.domain, agentId: link.agentId, agent: delegator };
  }
  return parties;
}

function checkLink(
  { domain, role, agentId, kid, attestation }: DelegationLink,
  documents: IssuerDocuments,
  delegatee: { readonly domain: string; readonly agentId: string; readonly agent: DocumentAgent },
  { capabilities }: CredentialClaims,
  now: number,
  rules: VerificationRules,
): DocumentAgent | Refusal {
  const { discovery } = documents;
  if (discovery.entityType !== "both" && discovery.entityType !== role) return invalid("attestation_role");
  const signer = findKey(discovery, kid, now, rules.clockSkewSeconds);
  if (isRefusal(signer)) return invalid(`attestation_${signer.reason}`);
  const attested = {
    domain,
    role,
    agentId,
    delegateeDomain: delegatee.domain,
    delegateeAgentId: delegatee.agentId,
    capabilities,
  };
  if (!verifyAttestation(signer.key, attestation, attested)) return invalid("attestation_signature");
  const { thumbprint } = signer;
  const revoked = checkRevocation(documents, { jti: undefined, agentId, kid, thumbprint }, now, rules);
  if (revoked !== undefined) return invalid(`attestation_${revoked.reason}`, revoked.retryable);
  const agent = discovery.agents.get(agentId);
  if (agent === undefined) return invalid("attestation_agent_unknown");
  if (agent.status !== "active") return invalid("attestation_agent_status");
  const wider = capabilityProblem(agent.capabilities, delegatee.agent.capabilities.declared, false);
  const exceeded = capabilityProblem(agent.capabilities, capabilities, rules.strictCapabilities);
  return wider === undefined && exceeded === undefined ? agent : invalid("attestation_capability");
}

function invalid(reason: string, retryable = false): Refusal {
  return refuse(10, "DELEGATION_INVALID", reason, retryable);
}
