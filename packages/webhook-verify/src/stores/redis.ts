import type { ReplayStore } from "@symbiont/kit";
import { type RedisClient, RedisReplayStore as SharedReplayStore } from "@symbiont/kit/redis-replay-store";

export type { RedisClient } from "@symbiont/kit/redis-replay-store";

/** Options of {@link RedisReplayStore}. */
export interface RedisReplayStoreOptions {
  /** A connected client, which stays the caller's to close. */
  readonly client: RedisClient;
  /** Put before every key. Default `webhook-replay:`. */
  readonly prefix?: string;
}

/**
 * Replay store on a Redis-compatible server, for several hosts. Atomic through one `SET … NX PX`. Run the server
 * with `maxmemory-policy noeviction`: a server that evicts keys forgets deliveries.
 * @see https://redis.io/docs/latest/commands/set/
 */
export class RedisReplayStore implements ReplayStore {
  readonly #store: SharedReplayStore;

  constructor({ client, prefix = "webhook-replay:" }: RedisReplayStoreOptions) {
    this.#store = new SharedReplayStore({ client, prefix });
  }

  /** Rejects with the client's error, or with an Error when the server answers something else than expected. */
  async putIfAbsent(key: string, ttlMs: number): Promise<boolean> {
    return this.#store.putIfAbsent(key, ttlMs);
  }
}
