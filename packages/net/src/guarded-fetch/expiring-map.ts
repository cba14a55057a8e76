/** A bounded map whose entries die by themselves. When it is full the oldest entry makes room. */
export class ExpiringMap<Value> {
  readonly #entries = new Map<string, { value: Value; from: number; until: number }>();
  readonly #maxEntries: number;
  readonly #now: () => number;

  constructor(maxEntries: number, now: () => number) {
    this.#maxEntries = maxEntries;
    this.#now = now;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const now = this.#now();
    // A clock that went back would keep the entry alive beyond its time.
    if (now >= entry.from && now < entry.until) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** Keeps a value for `lifetimeMs`; nothing is kept for a lifetime that is not positive. */
  set(key: string, value: Value, lifetimeMs: number): void {
    this.#entries.delete(key);
    if (!(lifetimeMs > 0) || this.#maxEntries === 0) return;
    if (this.#entries.size >= this.#maxEntries) {
      const oldest = this.#entries.keys().next();
      if (oldest.done !== true) this.#entries.delete(oldest.value);
    }
    const from = this.#now();
    this.#entries.set(key, { value, from, until: from + lifetimeMs });
  }
}
