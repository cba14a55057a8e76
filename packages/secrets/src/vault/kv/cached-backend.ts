import type { BackendOptions, StoredSecret } from "../../backend.ts";
import { assertNotAborted } from "../../internal/abortable.ts";
import type { SecretMetadata } from "../../secret-metadata.ts";
import { PlainValue, type SecretValue } from "../../secret-value.ts";
import { isOutage } from "../internal/is-outage.ts";
import type { KvBackend } from "./kv-backend.ts";

/** How long answers are remembered. */
export interface VaultCacheOptions {
  /** For how long an answer is given again without asking, in milliseconds. */
  readonly ttlMs: number;
  /** How many secrets are remembered. Default 256. */
  readonly maxEntries?: number;
  /**
   * For how long beyond `ttlMs` an answer is still given when Vault cannot be reached, in milliseconds. What was
   * revoked meanwhile stays good for as long. Default 0.
   */
  readonly maxStaleMs?: number;
}

interface Remembered {
  readonly metadata: SecretMetadata;
  readonly value: SecretValue;
  readonly readAt: number;
}

/** What was known when Vault was asked. */
interface Asked {
  readonly changes: number;
  readonly at: number;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Remembers current values, in memory of its own that is zeroed when it lets go of them: when they are too old, too
 * many, written, deleted, or the client is closed. Older versions are always asked for.
 */
export class CachedBackend implements KvBackend {
  readonly kind = "vault";
  readonly write?: NonNullable<KvBackend["write"]>;
  readonly delete?: NonNullable<KvBackend["delete"]>;
  readonly #inner: KvBackend;
  readonly #options: Required<VaultCacheOptions>;
  readonly #now: () => number;
  /** Oldest first. */
  readonly #remembered = new Map<string, Remembered>();
  /** Counts what makes answers under way outdated. */
  #changes = 0;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(
    inner: KvBackend,
    options: Required<VaultCacheOptions>,
    { now, closed }: { readonly now: () => number; readonly closed: AbortSignal },
  ) {
    this.#inner = inner;
    this.#options = options;
    this.#now = now;
    closed.addEventListener("abort", () => this.#clear(), { once: true });
    const write = inner.write?.bind(inner);
    const remove = inner.delete?.bind(inner);
    if (write !== undefined) this.write = (name, ...call) => this.#changing(name, () => write(name, ...call));
    if (remove !== undefined)
      this.delete = (name, ...call) => this.#changing(name, () => remove(name, ...call));
  }

  async read(name: string, options: BackendOptions): Promise<StoredSecret | undefined> {
    assertNotAborted(options.signal);
    const fresh = this.#youngerThan(name, this.#options.ttlMs);
    if (fresh !== undefined) return this.#stored(fresh, options);
    const asked = { changes: this.#changes, at: this.#now() };
    let stored: StoredSecret | undefined;
    try {
      stored = await this.#inner.read(name, options);
    } catch (error) {
      return this.#inOutage(name, error, options);
    }
    if (this.#isOvertaken(name, asked)) return stored;
    this.#forget(name);
    return stored && (await this.#remember(stored, asked, options));
  }

  versionValue(name: string, version: number, options: BackendOptions): Promise<SecretValue> {
    return this.#inner.versionValue(name, version, options);
  }

  list(prefix: string, options: BackendOptions): Promise<readonly string[]> {
    return this.#inner.list(prefix, options);
  }

  #youngerThan(name: string, ageMs: number): Remembered | undefined {
    const found = this.#remembered.get(name);
    if (found === undefined) return undefined;
    const age = this.#now() - found.readAt;
    // The clock was put back: how old the answer is nobody knows, now and when the time comes round again.
    if (age < 0) this.#forget(name);
    return age >= 0 && age < ageMs ? found : undefined;
  }

  /** What may be given although Vault failed. @throws `error` otherwise. */
  #inOutage(name: string, error: unknown, options: BackendOptions): StoredSecret {
    if (isOutage(error)) {
      const stale = this.#youngerThan(name, this.#options.ttlMs + this.#options.maxStaleMs);
      if (stale !== undefined) return this.#stored(stale, options);
    } else if (options.signal?.aborted !== true) {
      // Vault has said no: an outage later on must not bring the value back.
      this.#forget(name);
    }
    throw error;
  }

  /** Whether something was written, or a later answer remembered, since then. */
  #isOvertaken(name: string, asked: Asked): boolean {
    return asked.changes !== this.#changes || (this.#remembered.get(name)?.readAt ?? asked.at) > asked.at;
  }

  async #remember(stored: StoredSecret, asked: Asked, options: BackendOptions): Promise<StoredSecret> {
    const { metadata } = stored;
    let value: SecretValue;
    try {
      value = await stored.value(metadata.version);
    } catch {
      // What cannot be read as a value is not remembered; whoever asks for it learns why.
      return stored;
    }
    if (this.#isOvertaken(metadata.name, asked)) {
      value.dispose();
      return stored;
    }
    const remembered = { metadata, value, readAt: this.#now() };
    this.#forget(metadata.name);
    this.#remembered.set(metadata.name, remembered);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > this.#options.maxEntries && oldest !== undefined) this.#forget(oldest);
    this.#sweepLater();
    return this.#stored(remembered, options);
  }

  #stored(remembered: Remembered, options: BackendOptions): StoredSecret {
    const now = this.#now();
    const { name, version: current, previous } = remembered.metadata;
    return {
      metadata: { ...remembered.metadata, previous: previous.filter(({ until }) => now < until) },
      // Asked for again when it was let go of in the meantime: its memory holds zeros by now.
      value: (version) =>
        version === current && this.#remembered.get(name) === remembered
          ? new PlainValue(remembered.value.copy())
          : this.#inner.versionValue(name, version, options),
    };
  }

  async #changing<T>(name: string, change: () => Promise<T>): Promise<T> {
    try {
      return await change();
    } finally {
      // Also after a failure, which may have changed something all the same.
      this.#changes += 1;
      this.#forget(name);
    }
  }

  #forget(name: string): void {
    this.#remembered.get(name)?.value.dispose();
    this.#remembered.delete(name);
  }

  #clear(): void {
    this.#changes += 1;
    clearTimeout(this.#sweeper);
    for (const name of this.#remembered.keys()) this.#forget(name);
  }

  #sweepLater(): void {
    if (this.#sweeper !== undefined) return;
    const longest = this.#options.ttlMs + this.#options.maxStaleMs;
    this.#sweeper = setTimeout(
      () => {
        this.#sweeper = undefined;
        for (const [name, { readAt }] of this.#remembered)
          if (this.#now() - readAt >= longest) this.#forget(name);
        if (this.#remembered.size > 0) this.#sweepLater();
      },
      Math.min(longest, MAX_TIMER_MS),
    );
    this.#sweeper.unref();
  }
}
