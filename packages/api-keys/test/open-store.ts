import type { ApiKeyStore } from "@symbiont/api-keys";
import { FileStore } from "@symbiont/api-keys/file";
import { PostgresStore } from "@symbiont/api-keys/postgres";
import { RedisStore } from "@symbiont/api-keys/redis";
import { Redis } from "ioredis";
import { Pool, type PoolConfig } from "pg";
import { createClient } from "redis";

/** Names a store so that another process can open it too. */
export type StoreSpec =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "postgres"; readonly port: number; readonly table?: string }
  | { readonly kind: "ioredis" | "redis"; readonly port: number; readonly namespace?: string };

/** Opens a store with a client of its own. */
export function openStore(spec: StoreSpec): { store: ApiKeyStore; close: () => Promise<void> } {
  switch (spec.kind) {
    case "file":
      return { store: new FileStore(spec.path), close: async () => undefined };
    case "postgres": {
      const pool = openPool(spec.port);
      return { store: new PostgresStore(pool, spec), close: () => pool.end() };
    }
    case "ioredis": {
      const client = new Redis(spec.port, "127.0.0.1", { maxRetriesPerRequest: 0, retryStrategy: () => 50 });
      client.on("error", () => undefined);
      return { store: new RedisStore(client, spec), close: async () => client.disconnect() };
    }
    case "redis": {
      const client = createClient({
        socket: { host: "127.0.0.1", port: spec.port, reconnectStrategy: 50 },
      });
      client.on("error", () => undefined);
      void client.connect();
      return { store: new RedisStore(client, spec), close: async () => client.destroy() };
    }
  }
}

/** A pool whose idle clients may lose their server. */
export function openPool(port: number, more: PoolConfig = {}): Pool {
  const pool = new Pool({ host: "127.0.0.1", port, user: "test", database: "postgres", max: 8, ...more });
  pool.on("error", () => undefined);
  return pool;
}
