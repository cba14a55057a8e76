import type { ApiKeyStore } from "../store.ts";

/** Gathers which keys were used and writes it now and then, off the path of requests. */
export class LastUsed {
  readonly #store: ApiKeyStore;
  readonly #intervalMs: number;
  readonly #keyIds = new Set<string>();
  #latest = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param intervalMs 0 notes nothing. */
  constructor(store: ApiKeyStore, intervalMs: number) {
    this.#store = store;
    this.#intervalMs = intervalMs;
  }

  mark(keyId: string, now: number): void {
    if (this.#intervalMs === 0) return;
    this.#keyIds.add(keyId);
    this.#latest = now;
    this.#timer ??= setTimeout(() => void this.flush(), this.#intervalMs).unref();
  }

  /** Never rejects: a time of last use is not worth a failed request, and the next use brings it back. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#keyIds.size === 0) return;
    const keyIds = [...this.#keyIds];
    this.#keyIds.clear();
    try {
      await this.#store.touch(keyIds, this.#latest);
    } catch {
      // See above.
    }
  }
}
