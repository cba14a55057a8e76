import type { ReplayStore } from "./ports.ts";

/** What is needed of a client: `sendCommand` as in `redis`, or `call` as in `ioredis`. */
export type RedisClient =
  | { sendCommand(command: string[]): Promise<unknown> }
  | { call(command: string, ...rest: string[]): Promise<unknown> };

/** Options of {@link RedisReplayStore}. */
export interface RedisReplayStoreOptions {
  /** A connected client, which stays the caller's to close. */
  readonly client: RedisClient;
  /** Put before every key, so that two uses of one server do not meet. */
  readonly prefix: string;
}

/**
 * Replay store on a Redis-compatible server, for several hosts. Atomic through one `SET … NX PX`. Run the server
 * with `maxmemory-policy noeviction`: a server that evicts keys forgets what it saw.
 * @see https://redis.io/docs/latest/commands/set/
 */
export class RedisReplayStore implements ReplayStore {
  readonly #client: RedisClient;
  readonly #prefix: string;

  constructor({ client, prefix }: RedisReplayStoreOptions) {
    this.#client = client;
    this.#prefix = prefix;
  }

  /** Rejects with the client's error, or with an Error when the server answers something else than expected. */
  async putIfAbsent(key: string, ttlMs: number): Promise<boolean> {
    const reply = await this.#send(["SET", this.#prefix + key, "1", "NX", "PX", String(Math.ceil(ttlMs))]);
    if (reply === null) return false;
    if (reply === "OK") return true;
    throw new Error("server answered SET with neither OK nor null");
  }

  #send(command: string[]): Promise<unknown> {
    const client = this.#client;
    // ioredis has a sendCommand too, which takes something else.
    if ("call" in client) return client.call(command[0] as string, ...command.slice(1));
    return client.sendCommand(command);
  }
}
