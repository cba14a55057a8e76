import { gcra, type RateStore } from "@symbiont/ratelimit";
import { redisStore } from "@symbiont/ratelimit/redis";
import { rateStoreContract } from "@symbiont/ratelimit/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Connection, libraries } from "./redis-clients.ts";
import { hasRedis, RedisServer, redisTitle } from "./redis-server.ts";

/** The least that keeps the contract: a Map, which a store for one process could be. */
function mapStore(tats: Map<string, number>): RateStore {
  return {
    async apply(limits, steps) {
      const nowUs = Math.round(Date.now() * 1000);
      return steps.flatMap(({ key, operation, costs }) => {
        const outcomes = limits.map((limit, index) => {
          const tat = operation === "reset" ? undefined : tats.get(`${limit.name} ${key}`);
          return gcra(limit, tat, nowUs, operation === "reset" ? "take" : operation, costs[index] as number);
        });
        const refused = outcomes.some(({ allowed }) => !allowed);
        return limits.map((limit, index) => {
          const name = `${limit.name} ${key}`;
          if (operation === "reset") {
            tats.delete(name);
            return 0;
          }
          if (refused) {
            const { resetAfterUs } = gcra(limit, tats.get(name), nowUs, "take", 0);
            return -1 - resetAfterUs;
          }
          tats.set(name, outcomes[index]?.tatUs as number);
          return outcomes[index]?.resetAfterUs as number;
        });
      });
    },
  };
}

describe("a store in a Map", () => {
  const contents = new WeakMap<RateStore, Map<string, number>>();
  const over = (tats: Map<string, number>): RateStore => {
    const store = mapStore(tats);
    contents.set(store, tats);
    return store;
  };
  const open = async () => over(new Map());
  const reopen = async (store: RateStore) => over(contents.get(store) as Map<string, number>);
  for (const { name, run } of rateStoreContract(open, reopen)) test(name, run);
});

test("the contract finds a store that counts nothing", async () => {
  const idle: RateStore = { apply: async (limits, steps) => steps.flatMap(() => limits.map(() => 0)) };
  const outcomes = await Promise.allSettled(
    rateStoreContract(async () => idle).map(async ({ run }) => run()),
  );
  expect(outcomes.filter(({ status }) => status === "rejected").length).toBeGreaterThan(6);
});

describe.skipIf(!hasRedis).each(libraries)(redisTitle("a store in Redis through %s"), (_, connect) => {
  let server: RedisServer;
  let one: Connection;
  let other: Connection;
  beforeAll(async () => {
    server = await RedisServer.start();
    one = await connect(server.port);
    other = await connect(server.port);
  });
  afterAll(async () => {
    one.close();
    other.close();
    await server.close();
  });
  const store = ({ client }: Connection) => redisStore({ client, hashKey: new Uint8Array(16).fill(5) });
  const open = async () => {
    await one.command("FLUSHALL");
    return store(one);
  };
  for (const { name, run } of rateStoreContract(open, async () => store(other))) test(name, run);
});
