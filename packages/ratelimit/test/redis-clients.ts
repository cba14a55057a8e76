import { ioredisClient, nodeRedisClient, type RedisScriptClient } from "@symbiont/ratelimit/redis";
import { Redis } from "ioredis";
import { createClient } from "redis";

/** A connection of one of the supported libraries. */
export interface Connection {
  readonly client: RedisScriptClient;
  /** Sends any command. */
  command(...words: string[]): Promise<unknown>;
  close(): void;
}

/** Both supported client libraries, with their own defaults. */
export const libraries: readonly (readonly [string, (port: number) => Promise<Connection>])[] = [
  [
    "ioredis",
    async (port) => {
      const redis = new Redis({ port, host: "127.0.0.1", lazyConnect: true, retryStrategy: () => 50 });
      redis.on("error", () => undefined);
      await redis.connect();
      return {
        client: ioredisClient(redis),
        command: async (name = "", ...rest) => redis.call(name, ...rest),
        close: () => redis.disconnect(),
      };
    },
  ],
  [
    "redis",
    async (port) => {
      const redis = createClient({
        socket: { port, host: "127.0.0.1", reconnectStrategy: () => 50 },
      });
      redis.on("error", () => undefined);
      await redis.connect();
      return {
        client: nodeRedisClient(redis),
        command: async (...words) => redis.sendCommand(words),
        close: () => redis.destroy(),
      };
    },
  ],
];
