import type { JsonObject } from "@symbiont/kit";
import { PROTOCOL_VERSION } from "../protocol-code.ts";
import { instant } from "../publish/build-discovery-document.ts";
import { parseRevocationDocument } from "./revocation-document.ts";

/** Why something is revoked. Verifiers do not look at it. */
export type RevocationReason =
  | "key_compromise"
  | "affiliation_changed"
  | "superseded"
  | "cessation_of_operation"
  | "privilege_withdrawn"
  | "policy_violation";

/** Something that no longer counts. */
export interface RevokedItem {
  /** `jti` of a credential, id of an agent, or `kid` of a key. */
  readonly id: string;
  readonly reason: RevocationReason;
  /** Seconds since the epoch. */
  readonly revokedAt: number;
}

/** What an issuer takes back. */
export interface BuildRevocationDocumentOptions {
  readonly issuer: string;
  readonly credentials?: readonly RevokedItem[];
  readonly agents?: readonly RevokedItem[];
  readonly keys?: readonly RevokedItem[];
  /** Seconds since the epoch. Default now. */
  readonly updatedAt?: number;
}

/**
 * Builds the document for `https://<issuer>/.well-known/agent-identity-revocations.json`.
 * @throws AgentPinError `AGENTPIN_DISCOVERY_FETCH_FAILED` with reason `revocation_invalid`
 */
export function buildRevocationDocument(options: BuildRevocationDocumentOptions): JsonObject {
  const { issuer, credentials = [], agents = [], keys = [] } = options;
  const document: JsonObject = {
    agentpin_version: PROTOCOL_VERSION,
    entity: issuer,
    updated_at: instant(options.updatedAt ?? Math.floor(Date.now() / 1000)),
    revoked_credentials: credentials.map((item) => entry("jti", item)),
    revoked_agents: agents.map((item) => entry("agent_id", item)),
    revoked_keys: keys.map((item) => entry("kid", item)),
  };
  parseRevocationDocument(document, issuer);
  return document;
}

function entry(name: string, { id, reason, revokedAt }: RevokedItem): JsonObject {
  return { [name]: id, revoked_at: instant(revokedAt), reason };
}
