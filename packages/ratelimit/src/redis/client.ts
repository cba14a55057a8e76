/** What the store needs of a Redis client: two ways to run one script. */
export interface RedisScriptClient {
  /** True when the client talks to a cluster, where one call may only touch one hash slot. Default false. */
  readonly cluster?: boolean;
  /** Runs a script that the server has by its SHA-1; rejects with a message that begins with `NOSCRIPT` when not. */
  evalsha(sha1: string, keys: readonly string[], values: readonly string[]): Promise<unknown>;
  /** Runs a script by its text. */
  eval(script: string, keys: readonly string[], values: readonly string[]): Promise<unknown>;
}

/** The part of `ioredis` in use: a `Redis` or a `Cluster`. */
export interface IoredisLike {
  readonly status: string;
  readonly isCluster?: boolean;
  evalsha(sha1: string, keyCount: number, ...rest: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...rest: string[]): Promise<unknown>;
}

/** The part of `redis` (node-redis) in use: a client, a pool or a cluster. */
export interface NodeRedisLike {
  readonly isReady?: boolean;
  /** Only clusters have it. */
  readonly slots?: unknown;
  evalSha(sha1: string, call: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, call: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/**
 * Adapts a client of `ioredis`. While it has no connection, calls fail at once instead of waiting in its offline
 * queue.
 */
export function ioredisClient(client: IoredisLike): RedisScriptClient {
  return {
    cluster: client.isCluster === true,
    async evalsha(sha1, keys, values) {
      if (client.status !== "ready") throw notConnected();
      return client.evalsha(sha1, keys.length, ...keys, ...values);
    },
    async eval(script, keys, values) {
      if (client.status !== "ready") throw notConnected();
      return client.eval(script, keys.length, ...keys, ...values);
    },
  };
}

/** Adapts a client of `redis`, in the same way. */
export function nodeRedisClient(client: NodeRedisLike): RedisScriptClient {
  return {
    cluster: client.slots !== undefined,
    async evalsha(sha1, keys, values) {
      if (client.isReady === false) throw notConnected();
      return client.evalSha(sha1, { keys: [...keys], arguments: [...values] });
    },
    async eval(script, keys, values) {
      if (client.isReady === false) throw notConnected();
      return client.eval(script, { keys: [...keys], arguments: [...values] });
    },
  };
}

function notConnected(): Error {
  return new Error("the redis client is not connected");
}
