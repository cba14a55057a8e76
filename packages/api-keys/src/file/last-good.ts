import type { Clock, JsonObject } from "@symbiont/kit";
import { ApiKeyError, type ApiKeyErrorCode } from "../errors.ts";
import type { StoreEvent } from "../store.ts";

/** Anything with the JSON of a record. */
interface Written {
  readonly json: JsonObject;
}

type Entries<Entry extends Written> = ReadonlyMap<string, Entry>;

/**
 * Remembers the last records that could be trusted: to tell watchers what became of them, and to lend them out for
 * a while when what came after cannot be trusted.
 */
export class LastGood<Entry extends Written> {
  readonly #staleMs: number;
  readonly #clock: Clock;
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  #entries: Entries<Entry> | undefined;
  #goodAt = Number.NEGATIVE_INFINITY;
  #rejected: ApiKeyErrorCode | undefined;

  constructor(staleMs: number, clock: Clock) {
    this.#staleMs = staleMs;
    this.#clock = clock;
  }

  /** @returns a function that ends it. */
  watch(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Takes note of records that were just seen to be good, and gives them back. */
  accept(entries: Entries<Entry>): Entries<Entry> {
    if (this.#staleMs > 0) this.#goodAt = this.#clock.now();
    if (entries === this.#entries && this.#rejected === undefined) return entries;
    const before = this.#entries;
    const repaired = this.#rejected !== undefined;
    this.#entries = entries;
    this.#rejected = undefined;
    if (this.#listeners.size === 0) return entries;
    const changed = before === undefined ? entries.size : differences(before, entries);
    // The first load is none again, and times of last use are no news.
    if (repaired || (before !== undefined && changed > 0))
      this.#tell({ kind: "reloaded", records: entries.size, changed });
    return entries;
  }

  /**
   * Takes note that there is nothing to trust now.
   * @returns what was good, if it was so less than `staleMs` ago.
   * @throws the error otherwise.
   */
  reject(error: unknown): Entries<Entry> {
    const code = ApiKeyError.is(error) ? error.code : "API_KEY_STORE_UNAVAILABLE";
    if (this.#rejected !== code) this.#tell({ kind: "rejected", code, staleMs: this.#staleMs });
    this.#rejected = code;
    if (this.#entries === undefined || this.#staleMs === 0) throw error;
    const age = this.#clock.now() - this.#goodAt;
    // A clock that was put back proves nothing.
    if (age < 0 || age >= this.#staleMs) throw error;
    return this.#entries;
  }

  /** Apart from whoever is asking the store: a listener that throws must not fail a request. */
  #tell(event: StoreEvent): void {
    for (const listener of this.#listeners) queueMicrotask(() => listener(event));
  }
}

/** How many records are new, gone or different, times of last use aside. */
function differences(before: Entries<Written>, after: Entries<Written>): number {
  let count = 0;
  for (const keyId of new Set([...before.keys(), ...after.keys()])) {
    if (meaning(before.get(keyId)) !== meaning(after.get(keyId))) count += 1;
  }
  return count;
}

function meaning(entry: Written | undefined): string | undefined {
  return entry && JSON.stringify({ ...entry.json, last_used_at: undefined });
}
