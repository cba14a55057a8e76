import { deepFreeze, excerpt, type JsonObject, type JsonValue } from "@symbiont/kit";
import { ApiKeyError } from "./errors.ts";
import type { ApiKeyRecord } from "./record.ts";

const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/**
 * Reads a record in the layout of Symbiont's key file plus our own members. Unknown members are ignored, as
 * Symbiont does; a known one of the wrong type refuses the record, whatever else it says.
 * @throws ApiKeyError `API_KEY_STORE_CORRUPT`.
 */
export function readRecord(value: unknown): ApiKeyRecord {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw corrupt("a record is not an object");
  const members = value as JsonObject;
  const keyId = text(members, "key_id");
  const keyHash = text(members, "key_hash");
  const description = text(members, "description");
  if (keyId === undefined || keyId === "") throw corrupt("a record has no key_id");
  if (keyHash === undefined) throw corrupt("a record has no key_hash", keyId);
  if (description === undefined) throw corrupt("a record has no description", keyId);
  const created = text(members, "created_at");
  const record = {
    keyId,
    keyHash,
    agentScope: list(members, "agent_scope") ?? null,
    scopes: list(members, "scopes") ?? [],
    description,
    owner: text(members, "owner"),
    display: text(members, "display"),
    // A free text in Symbiont, and nothing is decided by it.
    createdAt: created !== undefined && INSTANT.test(created) ? Date.parse(created) : undefined,
    notBefore: instant(members, "not_before"),
    expiresAt: instant(members, "expires_at"),
    revoked: flag(members, "revoked"),
    revokedAt: instant(members, "revoked_at"),
    revokedReason: text(members, "revoked_reason"),
    replacedBy: text(members, "replaced_by"),
    lastUsedAt: instant(members, "last_used_at"),
    version: version(members),
    metadata: object(members, "metadata"),
  };
  return deepFreeze(withoutUndefined(record) as unknown as ApiKeyRecord);
}

/** Members that {@link writeRecord} leaves out when the record does not say; `created_at` may be foreign text. */
export const OPTIONAL_MEMBERS: ReadonlySet<string> = new Set([
  "owner",
  "display",
  "not_before",
  "expires_at",
  "revoked_at",
  "revoked_reason",
  "replaced_by",
  "last_used_at",
  "metadata",
]);

/** Writes a record in that layout. What Symbiont requires is always there. */
export function writeRecord(record: ApiKeyRecord): JsonObject {
  return withoutUndefined({
    key_id: record.keyId,
    key_hash: record.keyHash,
    agent_scope: record.agentScope,
    description: record.description,
    created_at: iso(record.createdAt),
    revoked: record.revoked,
    version: record.version,
    scopes: record.scopes,
    owner: record.owner,
    display: record.display,
    not_before: iso(record.notBefore),
    expires_at: iso(record.expiresAt),
    revoked_at: iso(record.revokedAt),
    revoked_reason: record.revokedReason,
    replaced_by: record.replacedBy,
    last_used_at: iso(record.lastUsedAt),
    metadata: record.metadata,
  }) as JsonObject;
}

function iso(instant: number | undefined): string | undefined {
  return instant === undefined ? undefined : new Date(instant).toISOString();
}

function withoutUndefined(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** JSON null and a missing member mean the same. */
function member(members: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(members, name) ? (members[name] ?? undefined) : undefined;
}

function text(members: JsonObject, name: string): string | undefined {
  const value = member(members, name);
  if (value === undefined || typeof value === "string") return value;
  throw corrupt(`${name} is not text`, members["key_id"]);
}

function flag(members: JsonObject, name: string): boolean {
  const value = member(members, name) ?? false;
  if (typeof value === "boolean") return value;
  throw corrupt(`${name} is not true or false`, members["key_id"]);
}

function list(members: JsonObject, name: string): readonly string[] | undefined {
  const value = member(members, name);
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw corrupt(`${name} is not a list of texts`, members["key_id"]);
}

function instant(members: JsonObject, name: string): number | undefined {
  const value = text(members, name);
  if (value === undefined) return undefined;
  const parsed = INSTANT.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(parsed)) throw corrupt(`${name} is not an instant`, members["key_id"]);
  return parsed;
}

/** Symbiont writes no version: its records are in their first. */
function version(members: JsonObject): number {
  const value = member(members, "version") ?? 1;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
  throw corrupt("version is not a positive integer", members["key_id"]);
}

function object(members: JsonObject, name: string): JsonObject | undefined {
  const value = member(members, name);
  if (value === undefined) return undefined;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw corrupt(`${name} is not an object`, members["key_id"]);
}

function corrupt(why: string, keyId?: unknown): ApiKeyError {
  const where = typeof keyId === "string" ? ` (key ${excerpt(keyId)})` : "";
  return new ApiKeyError("API_KEY_STORE_CORRUPT", `key store is corrupt: ${why}${where}`);
}
