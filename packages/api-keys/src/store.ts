import { allowsAgent } from "./agent-scope.ts";
import type { ApiKeyErrorCode } from "./errors.ts";
import type { ApiKeyRecord } from "./record.ts";

/** Which records to list. */
export interface ApiKeyQuery {
  /** Only keys of this owner. */
  readonly owner?: string;
  /** Only keys that may act for this agent. */
  readonly agent?: string;
  /** Default `false`. */
  readonly includeRevoked?: boolean;
  /** Only keys that expire before this instant, in epoch milliseconds. */
  readonly expiresBefore?: number;
  /** Only ids that come after this one in code-unit order: the last of the page before. */
  readonly after?: string;
  /** Default 1000. */
  readonly limit?: number;
}

/** How many records a page has when the query does not say. */
export const DEFAULT_PAGE = 1000;

/**
 * Where records live. An implementation that answers {@link ApiKeyStore.get} from a copy keeps revoked keys
 * alive: it must read, or know for certain that nothing has changed. Run `apiKeyStoreContract` from
 * `@symbiont/api-keys/testing` over your own.
 *
 * All methods fail with ApiKeyError `API_KEY_STORE_UNAVAILABLE` or `API_KEY_STORE_CORRUPT`; none ever answers
 * with less than the truth.
 */
export interface ApiKeyStore {
  /** The record as it stands now. */
  get(keyId: string): ApiKeyRecord | undefined | Promise<ApiKeyRecord | undefined>;
  /**
   * Writes a record if the stored one still has version `ifVersion`, 0 meaning that there is none. Atomic between
   * all processes. `lastUsedAt` never goes back.
   * @throws ApiKeyError `API_KEY_CONFLICT`.
   */
  put(record: ApiKeyRecord, condition: { readonly ifVersion: number }): Promise<void>;
  /** One page, in code-unit order of ids. */
  list(query: ApiKeyQuery): Promise<readonly ApiKeyRecord[]>;
  /** Notes when keys were last used. Leaves versions alone, skips what is revoked or gone, never goes back. */
  touch(keyIds: readonly string[], when: number): Promise<void>;
  /**
   * Tells a listener what befalls the records as a whole, for stores that others may write to behind our back. Never in
   * the way of a request.
   * @returns a function that ends it.
   */
  watch?(listener: (event: StoreEvent) => void): () => void;
}

/** What befalls the records of a store as a whole. */
export type StoreEvent =
  /** Others than before count from now on. `changed`: how many are new, gone or different, times of last use aside. */
  | { readonly kind: "reloaded"; readonly records: number; readonly changed: number }
  /** There are none that can be trusted. `staleMs`: how long those of before are used on; 0: nobody gets in. */
  | { readonly kind: "rejected"; readonly code: ApiKeyErrorCode; readonly staleMs: number };

/** Picks a page out of all records, for stores that hold them in memory. */
export function selectRecords(records: Iterable<ApiKeyRecord>, query: ApiKeyQuery): readonly ApiKeyRecord[] {
  return [...records]
    .filter((record) => matchesQuery(record, query))
    .sort((a, b) => (a.keyId < b.keyId ? -1 : 1))
    .slice(0, query.limit ?? DEFAULT_PAGE);
}

/** Tells whether a record is asked for. */
export function matchesQuery(record: ApiKeyRecord, query: ApiKeyQuery): boolean {
  return (
    (query.includeRevoked === true || !record.revoked) &&
    (query.owner === undefined || record.owner === query.owner) &&
    (query.agent === undefined || allowsAgent(record, query.agent)) &&
    (query.expiresBefore === undefined ||
      (record.expiresAt !== undefined && record.expiresAt < query.expiresBefore)) &&
    (query.after === undefined || record.keyId > query.after)
  );
}

/** The record that a `put` leaves behind: the time of last use is not taken back. */
export function keepLastUse(next: ApiKeyRecord, current: ApiKeyRecord | undefined): ApiKeyRecord {
  const last = current?.lastUsedAt;
  return last === undefined || (next.lastUsedAt ?? 0) >= last ? next : { ...next, lastUsedAt: last };
}

/** The record after a use, or undefined when nothing is to be noted. */
export function touched(record: ApiKeyRecord | undefined, when: number): ApiKeyRecord | undefined {
  if (record === undefined || record.revoked || (record.lastUsedAt ?? 0) >= when) return undefined;
  return { ...record, lastUsedAt: when };
}
