import type { JsonObject } from "@symbiont/kit";
import { allowsAgent } from "./agent-scope.ts";
import type { ApiKeyRecord } from "./record.ts";

/** A key whose secret was presented and whose record was active at `verifiedAt`. Do not keep it. */
export interface VerifiedKey {
  readonly keyId: string;
  /** `null`: every agent and administration. */
  readonly agentScope: readonly string[] | null;
  readonly scopes: readonly string[];
  readonly owner?: string;
  readonly expiresAt?: number;
  readonly version: number;
  readonly metadata?: JsonObject;
  /** Epoch milliseconds. */
  readonly verifiedAt: number;
}

/** What a key must be good for. */
export interface KeyRequirements {
  /** It may act for this agent. */
  readonly agent?: string;
  /** It is unscoped. */
  readonly admin?: boolean;
  /** It has all of these. */
  readonly scopes?: readonly string[];
}

/**
 * What {@link verifiedKey} makes. Being of this class is what tells a verified key from an object of its shape: to look
 * at a key again without its secret, that has to be certain.
 */
class GenuineKey implements VerifiedKey {
  readonly #verifiedBy: object;
  readonly keyId: string;
  readonly agentScope: readonly string[] | null;
  readonly scopes: readonly string[];
  declare readonly owner?: string;
  declare readonly expiresAt?: number;
  readonly version: number;
  declare readonly metadata?: JsonObject;
  readonly verifiedAt: number;

  constructor(record: ApiKeyRecord, now: number, verifiedBy: object) {
    this.#verifiedBy = verifiedBy;
    this.keyId = record.keyId;
    this.agentScope = record.agentScope;
    this.scopes = record.scopes;
    this.version = record.version;
    this.verifiedAt = now;
    if (record.owner !== undefined) this.owner = record.owner;
    if (record.expiresAt !== undefined) this.expiresAt = record.expiresAt;
    if (record.metadata !== undefined) this.metadata = record.metadata;
    Object.freeze(this);
  }

  static is(value: unknown, verifiedBy: object): boolean {
    return (
      typeof value === "object" && value !== null && #verifiedBy in value && value.#verifiedBy === verifiedBy
    );
  }
}

/** Copies what a verified key tells out of its record. */
export function verifiedKey(record: ApiKeyRecord, now: number, verifiedBy: object): VerifiedKey {
  return new GenuineKey(record, now, verifiedBy);
}

/** @throws TypeError for anything that `verifiedBy` did not verify, copies included. */
export function checkGenuine(key: VerifiedKey, verifiedBy: object): void {
  if (!GenuineKey.is(key, verifiedBy))
    throw new TypeError("key must be the object that verify, recheck or redeem of these keys returned");
}

/**
 * Refuses requirements that are there but say nothing: a scope that got lost on the way here must not turn into no
 * scope at all.
 * @throws TypeError naming the option.
 */
export function checkRequirements(requirements: KeyRequirements): void {
  if ("agent" in requirements && typeof requirements.agent !== "string")
    throw new TypeError("agent must be text, or be left out");
  if ("admin" in requirements && typeof requirements.admin !== "boolean")
    throw new TypeError("admin must be true or false, or be left out");
  if ("scopes" in requirements && !Array.isArray(requirements.scopes))
    throw new TypeError("scopes must be a list, or be left out");
}

/** Which requirement a key does not meet. */
export type UnmetRequirement = "agent_denied" | "admin_required" | "scope_missing";

/** Undefined when the key is good for everything required. */
export function unmetRequirement(
  key: Pick<ApiKeyRecord, "agentScope" | "scopes">,
  { agent, admin, scopes }: KeyRequirements,
): UnmetRequirement | undefined {
  if (admin === true && key.agentScope !== null) return "admin_required";
  if (agent !== undefined && !allowsAgent(key, agent)) return "agent_denied";
  if (scopes?.every((scope) => key.scopes.includes(scope)) === false) return "scope_missing";
  return undefined;
}
