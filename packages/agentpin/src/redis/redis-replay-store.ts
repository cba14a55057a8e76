import type { ReplayStore } from "@symbiont/kit";
import { type RedisClient, RedisReplayStore as SharedReplayStore } from "@symbiont/kit/redis-replay-store";

export type { RedisClient } from "@symbiont/kit/redis-replay-store";

/** Options of {@link RedisReplayStore}. */
export interface RedisReplayStoreOptions {
  /** A connected client, which stays the caller's to close. */
  readonly client: RedisClient;
  /** Put before every key. Default `agentpin-replay:`. */
  readonly prefix?: string;
}

/**
 * Remembers used credentials on a Redis-compatible server, for several hosts. Atomic through one `SET … NX PX`. Run the
 * server with `maxmemory-policy noeviction`: a server that evicts keys forgets what was used.
 */
export class RedisReplayStore implements ReplayStore {
  readonly #store: SharedReplayStore;

  constructor({ client, prefix = "agentpin-replay:" }: RedisReplayStoreOptions) {
    this.#store = new SharedReplayStore({ client, prefix });
  }

  /** Rejects with the client's error, or with an Error when the server answers something else than expected. */
  async putIfAbsent(key: string, ttlMs: number): Promise<boolean> {
    return this.#store.putIfAbsent(key, ttlMs);
  }
}
