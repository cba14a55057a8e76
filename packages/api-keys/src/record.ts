import type { JsonObject } from "@symbiont/kit";

/** What is stored about one key. Instants are epoch milliseconds. */
export interface ApiKeyRecord {
  /** Public id, without a dot. */
  readonly keyId: string;
  /** Verifier of the secret: `$argon2id$…` or `$hmac-sha256$…`. */
  readonly keyHash: string;
  /** The agents the key may act for. `null` means every agent *and* administration; `[]` means none. */
  readonly agentScope: readonly string[] | null;
  /** What the key may do, in the application's own words. */
  readonly scopes: readonly string[];
  readonly description: string;
  readonly owner?: string;
  /** Beginning of the token, to recognise it by. */
  readonly display?: string;
  /** Absent when a file states something that is not an instant. */
  readonly createdAt?: number;
  readonly notBefore?: number;
  /** Absent: never. */
  readonly expiresAt?: number;
  /** Irreversible. */
  readonly revoked: boolean;
  readonly revokedAt?: number;
  readonly revokedReason?: string;
  /** Id of the key that took over. */
  readonly replacedBy?: string;
  /** Accurate to the flush interval. */
  readonly lastUsedAt?: number;
  /** Grows with every change but that of `lastUsedAt`; 1 at first. */
  readonly version: number;
  readonly metadata?: JsonObject;
}

/** A record without its verifier, to be shown and listed. Says nothing about who presented what. */
export type ApiKeyInfo = Omit<ApiKeyRecord, "keyHash">;

/** Leaves the verifier out. */
export function describeKey(record: ApiKeyRecord): ApiKeyInfo {
  const { keyHash: _, ...info } = record;
  return Object.freeze(info);
}

/** Why a record cannot authenticate anyone right now. */
export type InactiveReason = "revoked" | "not_yet_valid" | "expired";

/** Clocks differ a little between machines. Not granted to `expiresAt`, where it would lengthen a life. */
const NOT_BEFORE_LEEWAY_MS = 5_000;

/** Judges the record's state at `now`; undefined when it is active. */
export function inactiveReason(record: ApiKeyRecord, now: number): InactiveReason | undefined {
  if (record.revoked) return "revoked";
  if (record.notBefore !== undefined && now + NOT_BEFORE_LEEWAY_MS < record.notBefore) return "not_yet_valid";
  if (record.expiresAt !== undefined && now >= record.expiresAt) return "expired";
  return undefined;
}
