import type { JsonObject, JsonValue } from "@symbiont/kit";
import { AgentPinError } from "../agentpin-error.ts";
import { capabilityProblem } from "../capabilities/capability-set.ts";
import { checkConstraints } from "../constraints/check-constraints.ts";
import type { CredentialClaims } from "../credential/credential-claims.ts";
import type { DelegationLink } from "../delegation/delegation-chain.ts";
import type { DiscoveryDocument } from "../documents/discovery-document.ts";
import { PROTOCOL_VERSION } from "../protocol-code.ts";

/** What a credential is to say. */
export interface CredentialRequest {
  /** An active agent of the document. */
  readonly agentId: string;
  /** Whom it is for. `"*"` needs `bearer`. */
  readonly audience: string;
  readonly capabilities: readonly string[];
  /** At most what the document declares. Default: nothing beyond that. */
  readonly constraints?: JsonObject;
  /** Default 3,600, or what the agent's document allows if that is less. */
  readonly ttlSeconds?: number;
  /** Seconds since the epoch. Default at once. */
  readonly notBefore?: number;
  readonly delegation?: readonly DelegationLink[];
  /** Base64url RFC 7638 thumbprint of the key that its holder must prove to have. Default none. */
  readonly holderThumbprint?: string;
  /** Whether everybody may take it. Default `false`. */
  readonly bearer?: boolean;
}

const DEFAULT_TTL_SECONDS = 3_600;
const PRINTABLE = /^[!-~]{1,512}$/;
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

/**
 * Words a request as claims, in the order in which other implementations write them.
 * @throws AgentPinError `AGENTPIN_ISSUE_REFUSED`
 */
export function credentialClaims(
  request: CredentialRequest,
  discovery: DiscoveryDocument,
  now: number,
): CredentialClaims {
  const { agentId, audience, capabilities, constraints, notBefore, delegation, holderThumbprint } = request;
  const agent = discovery.agents.get(agentId);
  if (agent === undefined) throw refused("agent_unknown");
  if (agent.urnDomain !== discovery.entity) throw refused("sub_domain");
  if (agent.status !== "active") throw refused("agent_status");
  if (!PRINTABLE.test(audience)) throw refused("audience_missing");
  if (audience === "*" && request.bearer !== true) throw refused("audience_wildcard");
  const problem = capabilityProblem(agent.capabilities, capabilities, false);
  if (problem !== undefined) throw refused(problem);
  const limits = checkConstraints(constraints, agent.constraints);
  if ("problem" in limits) throw refused(limits.problem);
  const ttl = request.ttlSeconds ?? Math.min(DEFAULT_TTL_SECONDS, agent.maxLifetimeSeconds);
  if (!Number.isInteger(ttl) || ttl < 1 || ttl > agent.maxLifetimeSeconds)
    throw refused("lifetime_agent_max");
  if (notBefore !== undefined && !(Number.isSafeInteger(notBefore) && notBefore < now + ttl))
    throw refused("lifetime");
  if (delegation !== undefined && delegation.length > discovery.maxDelegationDepth) throw refused("depth");
  if (holderThumbprint !== undefined && !THUMBPRINT.test(holderThumbprint))
    throw refused("holder_thumbprint");
  return {
    iss: discovery.entity,
    sub: agentId,
    iat: now,
    exp: now + ttl,
    ...(notBefore === undefined ? {} : { nbf: notBefore }),
    jti: globalThis.crypto.randomUUID(),
    agentpin_version: PROTOCOL_VERSION,
    capabilities,
    aud: audience,
    ...(constraints === undefined ? {} : { constraints }),
    ...(delegation === undefined || delegation.length === 0
      ? {}
      : { delegation_chain: delegation.map(wireLink) }),
    ...(holderThumbprint === undefined ? {} : { cnf: { jkt: holderThumbprint } }),
  };
}

function wireLink({ domain, role, agentId, kid, attestation }: DelegationLink): JsonValue {
  return { domain, role, agent_id: agentId, kid, attestation };
}

function refused(reason: string): AgentPinError {
  return new AgentPinError("AGENTPIN_ISSUE_REFUSED", `no verifier would accept the credential: ${reason}`, {
    reason,
  });
}
