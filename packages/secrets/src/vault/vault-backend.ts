import type { SecretBackend } from "../backend.ts";
import { checkedClock } from "../internal/checked-clock.ts";
import { whole } from "./internal/checked-options.ts";
import { CachedBackend, type VaultCacheOptions } from "./kv/cached-backend.ts";
import type { KvOptions } from "./kv/kv-location.ts";
import { KvV1Backend } from "./kv/kv-v1-backend.ts";
import { KvV2Backend } from "./kv/kv-v2-backend.ts";
import type { VaultClient } from "./vault-client.ts";

const MAX_CACHE_MS = 86_400_000;

/** Where and how secrets are kept in a Vault. */
export interface VaultBackendOptions extends KvOptions {
  /** Version of the KV engine. Version 1 can only be read. Default 2. */
  readonly engine?: 1 | 2;
  /** Remember answers. Default not. */
  readonly cache?: VaultCacheOptions;
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Keeps secrets in the KV engine of a Vault or OpenBao.
 *
 * Every write goes against the version that was current when it began: of two at once one gets `SECRET_CONFLICT`, also
 * when neither asked for a version.
 * @throws TypeError or RangeError for a wrong option.
 */
export function vaultBackend(client: VaultClient, options: VaultBackendOptions = {}): SecretBackend {
  const { engine = 2, cache } = options;
  const now = checkedClock(options.now);
  if (engine !== 1 && engine !== 2) throw new TypeError("engine must be 1 or 2");
  const backend = engine === 1 ? new KvV1Backend(client, options) : new KvV2Backend(client, options, now);
  if (cache === undefined) return backend;
  const { ttlMs, maxEntries = 256, maxStaleMs = 0 } = cache;
  const checked = {
    ttlMs: whole("cache.ttlMs", ttlMs, MAX_CACHE_MS),
    maxEntries: whole("cache.maxEntries", maxEntries, 100_000),
    maxStaleMs: maxStaleMs === 0 ? 0 : whole("cache.maxStaleMs", maxStaleMs, MAX_CACHE_MS),
  };
  return new CachedBackend(backend, checked, { now, closed: client.closed });
}
