import { readFileSync } from "node:fs";
import { RateLimiter, type RateStore, SharedRateLimiter } from "@symbiont/ratelimit";
import { redisStore } from "@symbiont/ratelimit/redis";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SCRIPT } from "../src/redis/script.ts";
import { type Connection, libraries } from "./redis-clients.ts";
import { hasRedis, RedisServer, redisTitle } from "./redis-server.ts";

const hashKey = new Uint8Array(32).fill(7);

describe.skipIf(!hasRedis).each(libraries)(redisTitle("a limit shared through %s"), (_, open) => {
  let server: RedisServer;
  let connection: Connection;
  let calls = 0;

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(async () => server.close());
  beforeEach(async () => {
    connection = await open(server.port);
    await connection.command("FLUSHALL");
    calls = 0;
  });
  afterEach(() => connection.close());

  const counted = (store: RateStore): RateStore => ({
    ...store,
    apply: async (limits, steps) => {
      calls += 1;
      return store.apply(limits, steps);
    },
  });
  const store = (options: { plainKeys?: true; clock?: "client"; now?: () => number } = {}) =>
    counted(redisStore({ client: connection.client, ...(options.plainKeys ? {} : { hashKey }), ...options }));

  test("admits exactly the capacity", async () => {
    const limiter = new SharedRateLimiter({ store: store(), timeoutMs: 5000 });
    const answers = await Promise.all(Array.from({ length: 150 }, async () => limiter.take("k")));
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(100);
    expect(answers.every(({ source }) => source === "store")).toBe(true);
    expect(answers[0]).toMatchObject({ allowed: true, remaining: 99, retryAfterMs: 0 });
    expect(answers.at(-1)).toMatchObject({ allowed: false, code: "RATELIMIT_EXCEEDED", remaining: 0 });
  });

  test("sends what is asked in one turn as one call", async () => {
    const limiter = new SharedRateLimiter({ store: store(), timeoutMs: 5000 });
    await Promise.all(Array.from({ length: 64 }, async (_, index) => limiter.take(`k${index % 7}`)));
    expect(calls).toBe(1);
    for (let key = 0; key < 7; key += 1)
      expect((await limiter.peek(`k${key}`)).remaining).toBe(100 - (key < 1 ? 10 : 9));
  });

  test("charges no limit when one refuses", async () => {
    const limits = [
      { name: "burst", count: 2, periodMs: 1000 },
      { name: "day", count: 10, periodMs: 86_400_000 },
    ];
    const limiter = new SharedRateLimiter({ store: store(), limits, timeoutMs: 5000 });
    const answers = await Promise.all([1, 2, 3, 4].map(async () => limiter.take("k")));
    expect(answers.map(({ allowed }) => allowed)).toEqual([true, true, false, false]);
    expect(answers[3]?.limits.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
      [false, 0],
      [true, 8],
    ]);
  });

  test("decides like the limiter in memory on random schedules", async () => {
    const step = fc.record({
      waitUs: fc.integer({ min: 0, max: 400_000 }),
      key: fc.constantFrom("a", "b"),
      operation: fc.constantFrom("take", "charge", "refund", "peek"),
      cost: fc.integer({ min: 0, max: 9 }),
    } as const);
    const limits = [
      { name: "one", count: 7, periodMs: 1000, maxDebt: 3 },
      { name: "two", count: 11, periodMs: 1700, capacity: 8, maxDebt: 5 },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        await connection.command("FLUSHALL");
        let nowUs = 1_700_000_000_000_000;
        const now = () => nowUs / 1000;
        const shared = new SharedRateLimiter({ store: timeless(now), limits, timeoutMs: 5000, now });
        const alone = new RateLimiter({ limits, now });
        for (const { waitUs, key, operation, cost } of steps) {
          nowUs += waitUs;
          const { source: _, ...answer } = await shared[operation](key, cost);
          expect(answer).toEqual(alone[operation](key, cost));
        }
      }),
      { numRuns: 30 },
    );
  });

  test("follows the reference traces", async () => {
    const url = new URL("./vectors/ratelimit/gcra.json", import.meta.url);
    const { traces } = JSON.parse(readFileSync(url, "utf8"));
    for (const { limit, steps, emissionIntervalUs: intervalUs } of traces) {
      await connection.command("FLUSHALL");
      let nowUs = 0;
      const { burst, maxDebt = 0 } = limit;
      const stored = { name: "n", intervalUs, toleranceUs: intervalUs * burst, debtUs: intervalUs * maxDebt };
      const traced = timeless(() => nowUs / 1000);
      for (const { t, key, op = "take", cost, expect: expected } of steps) {
        nowUs = t;
        const [reply] = await traced.apply(
          [{ ...stored, capacity: burst }],
          [{ key, operation: op, costs: [cost] }],
        );
        expect(reply).toBe(expected.allowed ? expected.resetAfterUs : -1 - expected.resetAfterUs);
      }
    }
  });

  /** The store on a clock of the test's own, on which nothing expires in real time. */
  function timeless(now: () => number): RateStore {
    const script = SCRIPT.replace("'PSETEX', KEYS[i], ceil(ahead / 1000)", "'SET', KEYS[i]");
    expect(script).not.toContain("PSETEX");
    const evaluate = async (_: string, keys: readonly string[], values: readonly string[]) =>
      connection.client.eval(script, keys, values);
    return redisStore({ client: { evalsha: evaluate, eval: evaluate }, hashKey, clock: "client", now });
  }

  test("keeps exact numbers and lets keys expire when they are as good as absent", async () => {
    const limiter = new SharedRateLimiter({ store: store({ plainKeys: true }), timeoutMs: 5000 });
    await limiter.take("198.51.100.7", 3);
    const name = "ratelimit:{198.51.100.7}:default";
    expect(await connection.command("GET", name)).toMatch(/^\d{16}$/);
    const ttl = Number(await connection.command("PTTL", name));
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(1800);
  });

  test("shows a keyed hash instead of the key", async () => {
    const limiter = new SharedRateLimiter({ store: store(), timeoutMs: 5000 });
    await limiter.take("198.51.100.7");
    const names = (await connection.command("KEYS", "*")) as string[];
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(/^ratelimit:\{[\w-]{22}\}:default$/);
  });

  test.each(["}{", "{}", "%7b", "a}b", " ", "\u{1f600}", "__proto__", "x".repeat(100_000)])(
    "counts the plain key %# apart",
    async (key) => {
      const limiter = new SharedRateLimiter({ store: store({ plainKeys: true }), timeoutMs: 5000 });
      expect(await limiter.take(key)).toMatchObject({ remaining: 99, source: "store" });
      expect(await limiter.take(key)).toMatchObject({ remaining: 98, source: "store" });
    },
  );

  test("a refusal writes nothing", async () => {
    const limiter = new SharedRateLimiter({ store: store({ plainKeys: true }), timeoutMs: 5000 });
    await limiter.take("k", 100);
    const before = await connection.command("GET", "ratelimit:{k}:default");
    expect((await limiter.take("k", 50)).allowed).toBe(false);
    expect(await connection.command("GET", "ratelimit:{k}:default")).toBe(before);
  });

  test("a stored value that is no time counts as used up, and heals", async () => {
    const limits = [{ count: 5, periodMs: 200 }];
    for (const value of ["garbage", "nan", "inf", "1e300"]) {
      await connection.command("SET", "ratelimit:{k}:default", value);
      const limiter = new SharedRateLimiter({ store: store({ plainKeys: true }), limits, timeoutMs: 5000 });
      expect(await limiter.take("k")).toMatchObject({ allowed: false, code: "RATELIMIT_EXCEEDED" });
      expect(await connection.command("GET", "ratelimit:{k}:default")).toMatch(/^\d{16}$/);
    }
  });

  test("survives a flushed script cache", async () => {
    const limiter = new SharedRateLimiter({ store: store(), timeoutMs: 5000 });
    expect((await limiter.take("k")).remaining).toBe(99);
    await connection.command("SCRIPT", "FLUSH");
    expect(await limiter.take("k")).toMatchObject({ remaining: 98, source: "store" });
  });

  test("reserves, settles, cancels and resets", async () => {
    const limits = [{ name: "tokens", count: 1000, periodMs: 3_600_000, maxDebt: 500 }];
    const limiter = new SharedRateLimiter({ store: store(), limits, timeoutMs: 5000 });
    const reservation = await limiter.reserve("k", 400);
    if (!reservation.allowed) throw new Error("expected a reservation");
    expect(reservation.remaining).toBe(600);
    expect((await reservation.settle(150)).remaining).toBe(850);
    expect(() => reservation.cancel()).toThrow(
      expect.objectContaining({ code: "RATELIMIT_ALREADY_SETTLED" }),
    );
    const second = await limiter.reserve("k", 850);
    if (!second.allowed) throw new Error("expected a reservation");
    expect(await second.settle(1200)).toMatchObject({ allowed: true, remaining: 0 });
    expect(await limiter.take("k")).toMatchObject({ allowed: false });
    await limiter.reset("k");
    expect(await limiter.take("k")).toMatchObject({ remaining: 999, source: "store" });
  });

  test("a refused client that hammers away costs no further call", async () => {
    const limiter = new SharedRateLimiter({ store: store(), timeoutMs: 5000 });
    await limiter.take("k", 100);
    await limiter.take("k", 50);
    const before = calls;
    for (let index = 0; index < 50; index += 1)
      expect(await limiter.take("k", 50)).toMatchObject({ allowed: false, source: "memory" });
    expect(calls).toBe(before);
  });
});
