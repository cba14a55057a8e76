import { inspect } from "node:util";
import { enforceRateLimit, RateLimiter, SharedRateLimiter } from "@symbiont/ratelimit";
import { redisStore } from "@symbiont/ratelimit/redis";
import { expect, test } from "vitest";

const MARKER = "m4rk3r-s3cr3t";

test("no error and no decision shows a key or what the store said", async () => {
  const limiter = new RateLimiter({ limits: [{ count: 1, periodMs: 1000 }] });
  limiter.take(MARKER);
  const store = {
    apply: async () => {
      throw new Error(`failed for ${MARKER}`);
    },
  };
  const shared = new SharedRateLimiter({ store, onUnavailable: "closed" });
  const shown: unknown[] = [limiter, limiter.take(MARKER), await shared.take(MARKER), shared];
  const attempts: readonly (() => unknown)[] = [
    () => enforceRateLimit(limiter.take(MARKER)),
    () => enforceRateLimit(limiter.take(MARKER, 9)),
    () => limiter.take(MARKER, MARKER as never),
    () => limiter.take(MARKER, -1),
    async () => enforceRateLimit(await shared.take(MARKER)),
    async () => shared.reset(MARKER),
    () => redisStore({ client: {} as never, hashKey: new TextEncoder().encode(MARKER) }),
    () => redisStore({ client: stub, hashKey: new TextEncoder().encode(MARKER) }),
    () => redisStore({ client: stub, hashKey: MARKER as never }),
  ];
  for (const attempt of attempts) {
    const error = await Promise.resolve()
      .then(attempt)
      .then(
        () => undefined,
        (caught: unknown) => caught,
      );
    expect(error).toBeInstanceOf(Error);
    const { message, stack } = error as Error;
    shown.push(message, stack, error);
  }
  expect(inspect(shown, { depth: 9, showHidden: true, maxArrayLength: 100 })).not.toContain(MARKER);
  expect(JSON.stringify(shown)).not.toContain(MARKER);
});

const stub = { evalsha: async () => 0, eval: async () => 0 };

test.each([
  [{ client: {} as never, plainKeys: true }, "client"],
  [{ client: stub }, "hashKey"],
  [{ client: stub, plainKeys: true, hashKey: new Uint8Array(16) }, "hashKey"],
  [{ client: stub, hashKey: new Uint8Array(15) }, "hashKey"],
  [{ client: stub, plainKeys: true, prefix: "a{b}" }, "prefix"],
  [{ client: stub, plainKeys: true, clock: "sundial" as never }, "clock"],
] as const)("the redis store refuses wrong options %#", (options, message) => {
  expect(() => redisStore(options)).toThrow(message);
});
