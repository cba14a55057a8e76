import type { ApprovalEntry } from "./approval-entry.ts";

/** Those in this process who wait for entries to be resolved. */
export class ApprovalWaiters {
  readonly #waiters = new Map<string, Set<(entry: ApprovalEntry) => void>>();

  /** Calls back once for the next state of an entry that is not pending. @returns a function that ends it. */
  add(id: string, resolved: (entry: ApprovalEntry) => void): () => void {
    const waiters = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, waiters.add(resolved));
    return () => {
      waiters.delete(resolved);
      if (waiters.size === 0) this.#waiters.delete(id);
    };
  }

  /** Tells those who wait what became of an entry, unless it is still pending. */
  tell(entry: ApprovalEntry): void {
    if (entry.status === "pending") return;
    for (const resolved of this.#waiters.get(entry.id) ?? []) resolved(entry);
  }
}
