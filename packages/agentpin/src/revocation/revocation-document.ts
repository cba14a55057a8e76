import { parseRfc3339 } from "@symbiont/kit";
import { AgentPinError } from "../agentpin-error.ts";
import { PROTOCOL_VERSION } from "../protocol-code.ts";

/** What an issuer takes back. Every entry counts, whatever its reason and date. */
export interface RevocationDocument {
  readonly entity: string;
  /** Seconds since the epoch. */
  readonly updatedAt: number;
  readonly credentials: ReadonlySet<string>;
  readonly agents: ReadonlySet<string>;
  /** Key ids. */
  readonly keys: ReadonlySet<string>;
}

const MAX_ENTRIES = 100_000;
const MAX_ID_LENGTH = 512;

/**
 * Reads the revocation document of an issuer. Absent lists are empty; an entry without its id refuses the whole
 * document, because a typing error must not keep something revoked alive.
 *
 * @throws AgentPinError `AGENTPIN_DISCOVERY_FETCH_FAILED` with reason `revocation_invalid` or `revocation_entity`: the
 * protocol has no code of its own for what keeps revocation from being known.
 */
export function parseRevocationDocument(document: unknown, issuer: string): RevocationDocument {
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw invalid("not an object");
  const members = document as Readonly<Record<string, unknown>>;
  const { entity } = members;
  if (typeof entity !== "string") throw invalid("entity is not text");
  if (entity !== issuer) throw unusable("revocation_entity", "revocation document is of another domain");
  if (members["agentpin_version"] !== PROTOCOL_VERSION) throw invalid("agentpin_version is not 0.1");
  // Lists may be absent, so that the discovery document in this one's place would look as if nothing were revoked.
  if (Object.hasOwn(members, "public_keys")) throw invalid("it is a discovery document");
  const updatedAt = parseRfc3339(members["updated_at"]);
  if (updatedAt === undefined) throw invalid("updated_at is not an RFC 3339 time");
  return Object.freeze({
    entity,
    updatedAt: updatedAt / 1000,
    credentials: idsOf(members["revoked_credentials"], "jti"),
    agents: idsOf(members["revoked_agents"], "agent_id"),
    keys: idsOf(members["revoked_keys"], "kid"),
  });
}

function idsOf(list: unknown, name: string): ReadonlySet<string> {
  if (list === undefined) return new Set();
  if (!Array.isArray(list) || list.length > MAX_ENTRIES) throw invalid("a list is none, or too long");
  const ids = new Set<string>();
  for (const entry of list as readonly unknown[]) {
    const id =
      typeof entry === "object" && entry !== null ? (entry as Record<string, unknown>)[name] : undefined;
    if (typeof id !== "string" || id === "" || id.length > MAX_ID_LENGTH)
      throw invalid(`an entry has no ${name}`);
    ids.add(id);
  }
  return ids;
}

function invalid(what: string): AgentPinError {
  return unusable("revocation_invalid", `revocation document is not valid: ${what}`);
}

function unusable(reason: string, message: string): AgentPinError {
  return new AgentPinError("AGENTPIN_DISCOVERY_FETCH_FAILED", message, { reason, step: 6 });
}
