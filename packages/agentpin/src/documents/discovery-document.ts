import { parseRfc3339 } from "@symbiont/kit";
import { AgentPinError } from "../agentpin-error.ts";
import { PROTOCOL_VERSION } from "../protocol-code.ts";
import { type DocumentAgent, readDocumentAgent } from "./document-agent.ts";
import { type DocumentKey, readDocumentKey } from "./document-key.ts";
import { invalidDocument, membersOf, optionalText, requiredList } from "./document-members.ts";

/** What an issuer says at `https://<domain>/.well-known/agent-identity.json`, checked and ready for look-ups. */
export interface DiscoveryDocument {
  /** The domain it speaks for. */
  readonly entity: string;
  readonly entityType: "maker" | "deployer" | "both";
  readonly keys: ReadonlyMap<string, DocumentKey>;
  readonly agents: ReadonlyMap<string, DocumentAgent>;
  /** As written; its host is checked when it is used. */
  readonly revocationEndpoint?: string;
  /** Links that a delegation chain may have, 0 to 3. */
  readonly maxDelegationDepth: number;
  /** Seconds since the epoch. */
  readonly updatedAt: number;
}

const MAX_KEYS = 100;
const MAX_AGENTS = 10_000;
const MAX_URL_LENGTH = 2_048;
const MAX_DEPTH = 3;
const ENTITY_TYPES: readonly unknown[] = ["maker", "deployer", "both"];

/**
 * Reads the discovery document of an issuer. Unknown members are ignored; a key that cannot be used is kept, with the
 * reason, because it harms only credentials that name it.
 *
 * @param issuer whose it must be, byte for byte.
 * @throws AgentPinError `AGENTPIN_DOMAIN_MISMATCH`; `AGENTPIN_DISCOVERY_INVALID` with reason `schema`,
 * `version_unsupported`, `no_keys`, `duplicate_kid`, `duplicate_agent`, `depth_range`, `key_exp_type`,
 * `key_exp_unparseable` or `private_key_published`
 */
export function parseDiscoveryDocument(document: unknown, issuer: string): DiscoveryDocument {
  const members = membersOf(document, "it");
  const { entity, entity_type: entityType } = members;
  if (typeof entity !== "string") throw invalidDocument("schema", "entity is not text");
  if (entity !== issuer) {
    throw new AgentPinError("AGENTPIN_DOMAIN_MISMATCH", "discovery document is of another domain", {
      reason: "entity",
      step: 3,
    });
  }
  if (members["agentpin_version"] !== PROTOCOL_VERSION)
    throw invalidDocument("version_unsupported", "agentpin_version is not 0.1");
  if (!ENTITY_TYPES.includes(entityType)) throw invalidDocument("schema", "entity_type is unknown");
  const published = requiredList(members["public_keys"], "public_keys", MAX_KEYS);
  if (published.length === 0) throw invalidDocument("no_keys", "there is no key");
  const keys = byId(published.map(readDocumentKey), ({ kid }) => kid, "duplicate_kid");
  const declared = requiredList(members["agents"], "agents", MAX_AGENTS).map(readDocumentAgent);
  const endpoint = optionalText(members["revocation_endpoint"], "revocation_endpoint", MAX_URL_LENGTH);
  return Object.freeze({
    entity,
    entityType: entityType as DiscoveryDocument["entityType"],
    keys,
    agents: byId(declared, ({ agentId }) => agentId, "duplicate_agent"),
    ...(endpoint === undefined ? {} : { revocationEndpoint: endpoint }),
    maxDelegationDepth: readDepth(members["max_delegation_depth"]),
    updatedAt: readUpdatedAt(members["updated_at"]),
  });
}

/** Seconds since the epoch. @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID` */
function readUpdatedAt(value: unknown): number {
  const ms = parseRfc3339(value);
  if (ms === undefined) throw invalidDocument("schema", "updated_at is not an RFC 3339 time");
  return ms / 1000;
}

function readDepth(value: unknown): number {
  if (!Number.isInteger(value)) throw invalidDocument("schema", "max_delegation_depth is not an integer");
  const depth = value as number;
  if (depth < 0 || depth > MAX_DEPTH)
    throw invalidDocument("depth_range", "max_delegation_depth is not 0 to 3");
  return depth;
}

/** Which of two entries counts would be up to the reader, so neither does. */
function byId<Item>(
  items: readonly Item[],
  idOf: (item: Item) => string,
  duplicate: string,
): ReadonlyMap<string, Item> {
  const map = new Map(items.map((item) => [idOf(item), item]));
  if (map.size !== items.length) throw invalidDocument(duplicate, "an id is there twice");
  return map;
}
