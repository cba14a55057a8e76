import type { PublicKey } from "@symbiont/keys";
import type { JsonObject } from "@symbiont/kit";
import { parseDiscoveryDocument } from "../documents/discovery-document.ts";
import { revocationUrl } from "../documents/issuer-name.ts";
import { PROTOCOL_VERSION } from "../protocol-code.ts";

/** A key to publish. */
export interface KeyToPublish {
  readonly kid: string;
  /** ES256. */
  readonly publicKey: PublicKey;
  /** Seconds since the epoch. Default for ever. */
  readonly expiresAt?: number;
}

/** An agent to declare. */
export interface AgentToPublish {
  readonly agentId: string;
  readonly name: string;
  readonly capabilities: readonly string[];
  /** Default `active`. */
  readonly status?: "active" | "suspended" | "deprecated";
  readonly constraints?: JsonObject;
  /** Longest life of its credentials, 60 to 86,400 seconds. Default 3,600. */
  readonly maxLifetimeSeconds?: number;
  readonly description?: string;
  readonly agentType?: string;
}

/** What an issuer says about itself. */
export interface BuildDiscoveryDocumentOptions {
  readonly issuer: string;
  readonly entityType: "maker" | "deployer" | "both";
  readonly keys: readonly KeyToPublish[];
  readonly agents: readonly AgentToPublish[];
  /** Default 0: none of its credentials are delegated. */
  readonly maxDelegationDepth?: number;
  /** Default the usual address on the issuer's own host. */
  readonly revocationEndpoint?: string;
  /** Seconds since the epoch. Default now. */
  readonly updatedAt?: number;
}

/**
 * Builds the document for `https://<issuer>/.well-known/agent-identity.json`, and reads it as a verifier would.
 * @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID`; TypeError for a key of another algorithm.
 */
export function buildDiscoveryDocument(options: BuildDiscoveryDocumentOptions): JsonObject {
  const { issuer, entityType, keys, agents, maxDelegationDepth = 0, revocationEndpoint } = options;
  const document: JsonObject = {
    agentpin_version: PROTOCOL_VERSION,
    entity: issuer,
    entity_type: entityType,
    public_keys: keys.map(wireKey),
    agents: agents.map(wireAgent),
    revocation_endpoint: revocationUrl(issuer, revocationEndpoint),
    max_delegation_depth: maxDelegationDepth,
    updated_at: instant(options.updatedAt ?? Math.floor(Date.now() / 1000)),
  };
  parseDiscoveryDocument(document, issuer);
  return document;
}

/** An instant as documents write it. @param seconds since the epoch. */
export function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function wireKey({ kid, publicKey, expiresAt }: KeyToPublish): JsonObject {
  if (publicKey.algorithm !== "ES256") throw new TypeError("publicKey must be an ES256 key");
  const exp = expiresAt === undefined ? {} : { exp: instant(expiresAt) };
  return { kid, ...publicKey.toJwk(), use: "sig", key_ops: ["verify"], ...exp };
}

function wireAgent(agent: AgentToPublish): JsonObject {
  const { agentId, name, capabilities, status = "active", maxLifetimeSeconds = 3_600 } = agent;
  return {
    agent_id: agentId,
    name,
    capabilities,
    status,
    credential_ttl_max: maxLifetimeSeconds,
    ...(agent.constraints === undefined ? {} : { constraints: agent.constraints }),
    ...(agent.description === undefined ? {} : { description: agent.description }),
    ...(agent.agentType === undefined ? {} : { agent_type: agent.agentType }),
  };
}
