import { canonicalJson, frozenCopy, type JsonObject } from "@symbiont/kit";
import { normalizeAgent } from "./agent-scope.ts";
import type { ApiKeyRecord } from "./record.ts";

const DAY_MS = 86_400_000;
const DEFAULT_LIFE_MS = 90 * DAY_MS;
const LATEST_INSTANT = 8.64e15;
const MAX_METADATA = 4096;

/** Whom a key may act for: named agents, or all of them and administration. There is no default. */
export type KeyAccess =
  | { readonly agents: readonly string[]; readonly admin?: never }
  | { readonly admin: true; readonly agents?: never };

/** What one says about a key when it is made. */
export interface KeyDetails {
  /** At most 1024 characters. Default empty. */
  readonly description?: string;
  readonly owner?: string;
  /** What the key may do, in the application's own words. Default none. */
  readonly scopes?: readonly string[];
  /** Epoch milliseconds. Default at once. */
  readonly notBefore?: number;
  /** Epoch milliseconds, or `"never"`. Default 90 days from now. */
  readonly expiresAt?: number | "never";
  /** Plain JSON of at most 4 KiB, returned with every verified key. No secrets. */
  readonly metadata?: JsonObject;
}

/** What is known of a key before it has an id and a secret. */
export type DescribedKey = Omit<ApiKeyRecord, "keyId" | "keyHash" | "display">;

/**
 * Checks what was said about a key and makes the part of the record that follows from it.
 * @throws TypeError
 * @throws RangeError
 */
export function describeNewKey(details: KeyAccess & KeyDetails, now: number): DescribedKey {
  const expiresAt = expiry(details.expiresAt, now);
  if (details.notBefore !== undefined) instant("notBefore", details.notBefore);
  if (expiresAt !== undefined && expiresAt <= Math.max(now, details.notBefore ?? now))
    throw new RangeError("expiresAt must come after now and after notBefore");
  return {
    agentScope: agentScope(details),
    scopes: texts("scopes", details.scopes ?? [], { most: 100, length: 128 }),
    description: text("description", details.description ?? "", 1024),
    createdAt: now,
    revoked: false,
    version: 1,
    ...(details.owner !== undefined && { owner: text("owner", details.owner, 256) }),
    ...(details.notBefore !== undefined && { notBefore: details.notBefore }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(details.metadata !== undefined && { metadata: metadata(details.metadata) }),
  };
}

/**
 * Makes the part of a record that a successor takes over: the rights, not the time.
 * @throws RangeError
 */
export function describeSuccessor(
  old: ApiKeyRecord,
  expiresAt: KeyDetails["expiresAt"],
  now: number,
): DescribedKey {
  const { agentScope, scopes, description, owner, metadata } = old;
  const end = expiry(expiresAt, now);
  if (end !== undefined && end <= now) throw new RangeError("expiresAt must come after now");
  return {
    agentScope,
    scopes,
    description,
    createdAt: now,
    revoked: false,
    version: 1,
    ...(owner !== undefined && { owner }),
    ...(metadata !== undefined && { metadata }),
    ...(end !== undefined && { expiresAt: end }),
  };
}

function expiry(expiresAt: number | "never" | undefined, now: number): number | undefined {
  if (expiresAt === "never") return undefined;
  return expiresAt === undefined ? now + DEFAULT_LIFE_MS : instant("expiresAt", expiresAt);
}

/** Checks a text of the caller's. @throws TypeError @throws RangeError */
export function text(name: string, value: string, maxLength: number): string {
  if (typeof value !== "string") throw new TypeError(`${name} must be text`);
  if (value.length > maxLength) throw new RangeError(`${name} must have at most ${maxLength} characters`);
  if (/[\p{Cc}\p{Surrogate}]/u.test(value)) throw new RangeError(`${name} must hold no control characters`);
  return value;
}

function agentScope(access: KeyAccess): readonly string[] | null {
  if (access.admin === true) {
    if (access.agents !== undefined) throw new TypeError("agents and admin exclude each other");
    return null;
  }
  const agents = texts("agents", access.agents, { most: 1000, length: 256 });
  if (agents.length === 0) throw new RangeError("agents must name at least one agent, or admin must be true");
  return [...new Set(agents.map(normalizeAgent))];
}

function texts(
  name: string,
  values: readonly string[],
  limits: { readonly most: number; readonly length: number },
): readonly string[] {
  if (!isList(values)) throw new TypeError(`${name} must be a list of texts`);
  if (values.length > limits.most) throw new RangeError(`${name} must have at most ${limits.most} entries`);
  for (const value of values) {
    if (text(name, value, limits.length) === "") throw new RangeError(`${name} must not hold an empty text`);
  }
  return [...values];
}

function isList(value: readonly string[] | undefined): value is readonly string[] {
  return Array.isArray(value);
}

function instant(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || Math.abs(value) > LATEST_INSTANT)
    throw new RangeError(`${name} must be an instant in epoch milliseconds`);
  return value;
}

function metadata(value: JsonObject): JsonObject {
  if (canonicalJson(value).length > MAX_METADATA)
    throw new RangeError(`metadata must have at most ${MAX_METADATA} characters as JSON`);
  return frozenCopy(value);
}
