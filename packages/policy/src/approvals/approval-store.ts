import type { ApprovalEntry } from "./approval-entry.ts";

/** Which pending entries to list. */
export interface PendingQuery {
  /** Only entries that expire at this instant or before, in epoch milliseconds. */
  readonly expiresUntil?: number;
  /** Only ids that come after this one in code-unit order. */
  readonly after?: string;
  /** Default 100. */
  readonly limit?: number;
}

/** How many entries a page has when the query does not say. */
export const DEFAULT_PAGE = 100;

/**
 * Where entries live. Run `approvalStoreContract` from `@symbiont/policy/testing` over your own.
 *
 * All methods fail with ApprovalError `APPROVAL_STORE_UNAVAILABLE` or `APPROVAL_STORE_CORRUPT`; none ever answers
 * from a copy that may be old.
 */
export interface ApprovalStore {
  /** The entry as it stands now. */
  get(id: string): Promise<ApprovalEntry | undefined>;
  /**
   * Writes an entry if the stored one still has version `ifVersion`, 0 meaning that there is none. Atomic between
   * all processes: this is what makes an approval usable once.
   * @throws ApprovalError `APPROVAL_CONFLICT`.
   */
  put(entry: ApprovalEntry, condition: { readonly ifVersion: number }): Promise<void>;
  /** One page of pending entries, in code-unit order of ids. */
  pending(query: PendingQuery): Promise<readonly ApprovalEntry[]>;
  /** How many entries are pending, of all or of one principal. */
  countPending(principal?: ApprovalEntry["principal"]): Promise<number>;
  /** Removes what was resolved before an instant, in epoch milliseconds. */
  prune(resolvedBefore: number): Promise<void>;
}

/** Counts pending entries among all, for stores that hold them in memory. */
export function countEntries(
  entries: Iterable<ApprovalEntry>,
  principal: ApprovalEntry["principal"] | undefined,
): number {
  let count = 0;
  for (const { status, principal: whose } of entries) {
    const isTheirs = principal === undefined || (whose.kind === principal.kind && whose.id === principal.id);
    if (status === "pending" && isTheirs) count += 1;
  }
  return count;
}

/** Picks a page out of all entries, for stores that hold them in memory. */
export function selectPending(
  entries: Iterable<ApprovalEntry>,
  { expiresUntil = Number.POSITIVE_INFINITY, after = "", limit = DEFAULT_PAGE }: PendingQuery,
): readonly ApprovalEntry[] {
  return [...entries]
    .filter(({ id, status, expiresAt }) => status === "pending" && id > after && expiresAt <= expiresUntil)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, limit);
}
