import type { ManagedPinStore } from "@symbiont/schemapin";
import { type RedisClient, RedisPinStore } from "@symbiont/schemapin/redis";
import { pinStoreContract } from "@symbiont/schemapin/testing";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noRedis, startRedis, type TestServer } from "../../../scripts/testing/servers.ts";

const refused = (code: string) => expect.objectContaining({ code }) as Error;
const id = { kind: "tool", domain: "x.example", subject: "t" } as const;

describe.skipIf(noRedis !== "")(`Redis${noRedis}`, () => {
  let server: TestServer;
  let ioredis: Redis;
  let redis: ReturnType<typeof createClient>;
  beforeAll(async () => {
    server = await startRedis();
    ioredis = new Redis(server.port, "127.0.0.1");
    redis = createClient({ socket: { host: "127.0.0.1", port: server.port } });
    await redis.connect();
  }, 60_000);
  afterAll(async () => {
    ioredis?.disconnect();
    redis?.destroy();
    await server?.remove();
  });

  describe.each<[string, () => RedisClient]>([
    ["ioredis", () => ioredis],
    ["redis", () => redis],
  ])("through %s", (name, client) => {
    let stores = 0;
    const keyOf = new WeakMap<ManagedPinStore, string>();
    const open = async (key?: string): Promise<ManagedPinStore> => {
      stores += 1;
      const used = key ?? `{pins}:${name}:${stores}`;
      const store = new RedisPinStore(client(), { key: used });
      keyOf.set(store, used);
      return store;
    };
    const cases = pinStoreContract(
      async () => open(),
      async (store) => open(keyOf.get(store)),
    );
    for (const { name: promise, run } of cases) test(promise, run);
  });

  test("what somebody else wrote is corrupt, not absent", async () => {
    const store = new RedisPinStore(ioredis);
    await ioredis.hset("schemapin:pins", JSON.stringify(["tool", "x.example", "t"]), "{}");
    await expect(store.get(id)).rejects.toThrow(refused("SCHEMAPIN_PIN_STORE_CORRUPT"));
    await expect(store.list()).rejects.toThrow(refused("SCHEMAPIN_PIN_STORE_CORRUPT"));
    await ioredis.del("schemapin:pins");
    await ioredis.hset("schemapin:pins", "not a name", '{"digest":"x"}');
    await expect(store.list()).rejects.toThrow(refused("SCHEMAPIN_PIN_STORE_CORRUPT"));
  });

  test("a key of another type is unavailable, not empty", async () => {
    await ioredis.set("text", "x");
    await expect(new RedisPinStore(ioredis, { key: "text" }).get(id)).rejects.toThrow(
      refused("SCHEMAPIN_PIN_STORE_UNAVAILABLE"),
    );
  });

  test("a name that is not plain is refused", () => {
    expect(() => new RedisPinStore(ioredis, { key: "a b" })).toThrow(RangeError);
  });
});
