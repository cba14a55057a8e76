import { frozenCopy, type JsonObject } from "@symbiont/kit";
import { CapabilitySet } from "../capabilities/capability-set.ts";
import { parseAgentUrn } from "./agent-urn.ts";
import { invalidDocument, membersOf, optionalText, requiredList, requiredText } from "./document-members.ts";

/** An agent as its issuer declares it. */
export interface DocumentAgent {
  readonly agentId: string;
  /** Domain in the agent's URN; absent when its id is none. */
  readonly urnDomain?: string;
  readonly status: "active" | "suspended" | "deprecated";
  readonly capabilities: CapabilitySet;
  /** As declared; checked when a credential is compared with them. */
  readonly constraints?: JsonObject;
  /** Longest life of its credentials, in seconds. */
  readonly maxLifetimeSeconds: number;
  /** The maker's agent that this one is an instance of. */
  readonly agentType?: string;
  readonly name?: string;
  /** What a maker is said to attest. The protocol gives it no form that could be verified. */
  readonly unverifiedMakerAttestation?: string;
}

const MAX_ID_LENGTH = 512;
const MAX_CAPABILITIES = 1_000;
const MAX_CAPABILITY_LENGTH = 512;
const DEFAULT_MAX_LIFETIME = 86_400;
const MIN_LIFETIME = 60;
const STATUSES: readonly unknown[] = ["active", "suspended", "deprecated"];

/** @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID` */
export function readDocumentAgent(value: unknown): DocumentAgent {
  const agent = membersOf(value, "an agent");
  const { status, constraints } = agent;
  if (!STATUSES.includes(status)) throw invalidDocument("schema", "the status of an agent is unknown");
  const capabilities = requiredList(agent["capabilities"], "capabilities", MAX_CAPABILITIES).map((item) =>
    requiredText(item, "a capability", MAX_CAPABILITY_LENGTH),
  );
  const agentType = optionalText(agent["agent_type"], "agent_type", MAX_ID_LENGTH);
  const name = optionalText(agent["name"], "name", 128);
  const attestation = optionalText(agent["maker_attestation"], "maker_attestation", 1_024);
  optionalText(agent["description"], "description", 1_024);
  const agentId = requiredText(agent["agent_id"], "agent_id", MAX_ID_LENGTH);
  const urn = parseAgentUrn(agentId);
  return {
    agentId,
    ...(urn === undefined ? {} : { urnDomain: urn.domain }),
    status: status as DocumentAgent["status"],
    capabilities: new CapabilitySet(capabilities),
    maxLifetimeSeconds: readLifetime(agent["credential_ttl_max"]),
    ...(constraints === undefined || constraints === null
      ? {}
      : { constraints: frozenCopy(membersOf(constraints, "constraints")) as JsonObject }),
    ...(agentType === undefined ? {} : { agentType }),
    ...(name === undefined ? {} : { name }),
    ...(attestation === undefined ? {} : { unverifiedMakerAttestation: attestation }),
  };
}

function readLifetime(seconds: unknown): number {
  if (seconds === undefined || seconds === null) return DEFAULT_MAX_LIFETIME;
  if (Number.isInteger(seconds) && (seconds as number) >= MIN_LIFETIME) {
    if ((seconds as number) <= DEFAULT_MAX_LIFETIME) return seconds as number;
  }
  throw invalidDocument("schema", "credential_ttl_max is not an integer from 60 to 86400");
}
