import { frozenCopy } from "@symbiont/kit";
import type { ApprovalEntry } from "./approval-entry.ts";
import { ApprovalError } from "./approval-error.ts";
import { type ApprovalStore, countEntries, type PendingQuery, selectPending } from "./approval-store.ts";

/** Keeps entries in this process; they are gone when it ends, and with them whatever waited for them. */
export class MemoryApprovalStore implements ApprovalStore {
  readonly #entries = new Map<string, ApprovalEntry>();

  async get(id: string): Promise<ApprovalEntry | undefined> {
    return this.#entries.get(id);
  }

  async put(entry: ApprovalEntry, { ifVersion }: { readonly ifVersion: number }): Promise<void> {
    if ((this.#entries.get(entry.id)?.version ?? 0) !== ifVersion)
      throw new ApprovalError("APPROVAL_CONFLICT", "the entry was changed by somebody else");
    this.#entries.set(entry.id, frozenCopy(entry));
  }

  async pending(query: PendingQuery): Promise<readonly ApprovalEntry[]> {
    return selectPending(this.#entries.values(), query);
  }

  async countPending(principal?: ApprovalEntry["principal"]): Promise<number> {
    return countEntries(this.#entries.values(), principal);
  }

  async prune(resolvedBefore: number): Promise<void> {
    for (const { id, resolvedAt } of this.#entries.values()) {
      if (resolvedAt !== undefined && resolvedAt < resolvedBefore) this.#entries.delete(id);
    }
  }
}
