import type { JsonObject } from "@symbiont/kit";
import { capabilityProblem } from "../capabilities/capability-set.ts";
import { checkConstraints } from "../constraints/check-constraints.ts";
import type { CredentialClaims } from "../credential/credential-claims.ts";
import { parseAgentUrn } from "../documents/agent-urn.ts";
import type { DiscoveryDocument } from "../documents/discovery-document.ts";
import type { DocumentAgent } from "../documents/document-agent.ts";
import { type Refusal, refuse } from "../refusal.ts";
import type { VerificationRules } from "./verification-rules.ts";

/** Steps 7 to 9: the agent, what it may do, and within which limits. Gives the limits that hold. */
export function checkAgent(
  discovery: DiscoveryDocument,
  claims: CredentialClaims,
  rules: VerificationRules,
): { readonly agent: DocumentAgent; readonly constraints: JsonObject | undefined } | Refusal {
  const agent = discovery.agents.get(claims.sub);
  if (rules.subjectFormat === "urn") {
    // What the document declares was read when it came.
    const domain = agent === undefined ? parseAgentUrn(claims.sub)?.domain : agent.urnDomain;
    if (domain === undefined) return refuse(7, "AGENT_NOT_FOUND", "sub_format");
    if (domain !== claims.iss) return refuse(7, "AGENT_NOT_FOUND", "sub_domain");
  }
  if (agent === undefined) return refuse(7, "AGENT_NOT_FOUND", "agent_unknown");
  if (agent.status !== "active") return refuse(7, "AGENT_INACTIVE", "agent_status");
  if (claims.exp - claims.iat > agent.maxLifetimeSeconds)
    return refuse(7, "CREDENTIAL_EXPIRED", "lifetime_agent_max");
  const problem = capabilityProblem(agent.capabilities, claims.capabilities, rules.strictCapabilities);
  if (problem !== undefined) return refuse(8, "CAPABILITY_EXCEEDED", problem);
  const outcome = checkConstraints(claims.constraints, agent.constraints);
  if ("problem" in outcome) return refuse(9, "CONSTRAINT_VIOLATION", outcome.problem);
  return { agent, constraints: outcome.effective };
}
