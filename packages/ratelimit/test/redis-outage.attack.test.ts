import { type SharedRateLimitDecision, SharedRateLimiter } from "@symbiont/ratelimit";
import { redisStore } from "@symbiont/ratelimit/redis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Connection, libraries } from "./redis-clients.ts";
import { hasRedis, RedisServer, redisTitle } from "./redis-server.ts";

const hashKey = new Uint8Array(16).fill(9);
const limits = [{ count: 10, periodMs: 3_600_000 }];

describe.skipIf(!hasRedis).each(libraries)(redisTitle("Redis in trouble, with %s"), (_, open) => {
  let server: RedisServer;
  let connection: Connection;
  let skippedMs = 0;
  const now = () => performance.now() + skippedMs;

  beforeEach(async () => {
    skippedMs = 0;
    server = await RedisServer.start();
    connection = await open(server.port);
  });
  afterEach(async () => {
    connection.close();
    await server.close();
  });

  const limiterWith = (options: Partial<ConstructorParameters<typeof SharedRateLimiter>[0]> = {}) =>
    new SharedRateLimiter({
      store: redisStore({ client: connection.client, hashKey }),
      limits,
      now,
      ...options,
    });

  async function untilStore(take: () => Promise<SharedRateLimitDecision>): Promise<SharedRateLimitDecision> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      skippedMs += 31_000;
      const decision = await take();
      if (decision.source === "store") return decision;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error("the store was not used again");
  }

  test("down: goes on alone from what it last saw, and returns to the store", async () => {
    const limiter = limiterWith();
    expect(await limiter.take("k", 6)).toMatchObject({ source: "store", remaining: 4 });
    await server.down();
    const alone = [];
    for (let index = 0; index < 6; index += 1) alone.push(await limiter.take("k"));
    expect(alone.map(({ allowed }) => allowed)).toEqual([true, true, true, true, false, false]);
    expect(new Set(alone.map(({ source }) => source))).toEqual(new Set(["local"]));
    await server.up();
    // A failover to an empty server: the limit starts anew there.
    expect(await untilStore(async () => limiter.take("other"))).toMatchObject({ remaining: 9 });
  });

  test("frozen: answers without it, then without even asking, and returns when it thaws", async () => {
    const limiter = limiterWith({ timeoutMs: 30 });
    await limiter.take("k");
    server.freeze();
    const first = await Promise.all(Array.from({ length: 5 }, async () => limiter.take("k")));
    expect(first.every(({ source }) => source === "local")).toBe(true);
    for (let index = 0; index < 4; index += 1) await limiter.take(`other${index}`);
    let settled = false;
    const open = limiter.take("k").then((decision) => {
      settled = true;
      return decision;
    });
    // No timer and no socket is waited for once the breaker is open: microtasks are enough.
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    expect(settled).toBe(true);
    expect((await open).source).toBe("local");
    server.thaw();
    expect((await untilStore(async () => limiter.take("fresh"))).allowed).toBe(true);
  });

  test("closed: refuses, and says when to come back", async () => {
    const limiter = limiterWith({ onUnavailable: "closed" });
    await limiter.take("k");
    await server.down();
    for (let index = 0; index < 7; index += 1)
      expect(await limiter.take(`k${index}`)).toMatchObject({
        allowed: false,
        code: "RATELIMIT_STORE_UNAVAILABLE",
        source: "unavailable",
        limits: [],
      });
    await expect(limiter.reset("k")).rejects.toMatchObject({ code: "RATELIMIT_STORE_UNAVAILABLE" });
  });

  test("open: allows, and every unchecked request is recorded", async () => {
    const records: unknown[] = [];
    const audit = { append: async (record: unknown) => ({ sequence: records.push(record) - 1 }) };
    const limiter = limiterWith({ onUnavailable: "open", audit });
    await limiter.take("k");
    await server.down();
    for (let index = 0; index < 30; index += 1)
      expect(await limiter.take("k")).toMatchObject({ allowed: true, source: "unavailable" });
    expect(records).toHaveLength(30);
  });

  test("a reservation granted alone is given back to this process, not to the store", async () => {
    const limiter = limiterWith();
    await limiter.take("k", 5);
    await server.down();
    const reservation = await limiter.reserve("k", 3);
    if (!reservation.allowed) throw new Error("expected a reservation");
    expect(await reservation.cancel()).toMatchObject({ source: "local", remaining: 5 });
  });
});

describe.skipIf(!hasRedis)(redisTitle("Redis as a cluster"), () => {
  test("no call crosses hash slots", async () => {
    const server = await RedisServer.start("--cluster-enabled", "yes");
    const [, open] = libraries[0] as (typeof libraries)[0];
    const connection = await open(server.port);
    try {
      await connection.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      while (!String(await connection.command("CLUSTER", "INFO")).includes("cluster_state:ok"))
        await new Promise((resolve) => setTimeout(resolve, 20));
      const two = [...limits, { name: "two", count: 20, periodMs: 60_000 }];
      const take = async (cluster: boolean) => {
        const store = redisStore({ client: { ...connection.client, cluster }, hashKey });
        const limiter = new SharedRateLimiter({ store, limits: two, timeoutMs: 5000 });
        const keys = Array.from({ length: 40 }, (_, index) => `${String(cluster)}${index % 20}`);
        return Promise.all(keys.map(async (key) => limiter.take(key)));
      };
      const answers = await take(true);
      expect(answers.map(({ source }) => source)).toEqual(answers.map(() => "store"));
      expect(answers.map(({ remaining }) => remaining)).toEqual(
        answers.map((_, index) => (index < 20 ? 9 : 8)),
      );
      // The same without grouping is refused by the server, so that the above proves something.
      expect((await take(false)).map(({ source }) => source)).toEqual(answers.map(() => "local"));
    } finally {
      connection.close();
      await server.close();
    }
  });
});
