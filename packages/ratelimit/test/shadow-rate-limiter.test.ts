import {
  RateLimiter,
  rateLimitHeaders,
  type ShadowedRefusal,
  ShadowRateLimiter,
  SharedRateLimiter,
} from "@symbiont/ratelimit";
import { expect, test } from "vitest";

test("counts, reports what it would have refused, and allows everything", async () => {
  const limiter = new RateLimiter({ limits: [{ count: 2, periodMs: 1000 }], now: () => 0 });
  const refusals: ShadowedRefusal[] = [];
  const shadow = new ShadowRateLimiter({ limiter, onRefusal: (refusal) => void refusals.push(refusal) });
  const answers = [
    await shadow.take("k"),
    await shadow.take("k"),
    await shadow.take("k", 2),
    await shadow.take("j"),
  ];
  expect(answers.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
    [true, 1],
    [true, 0],
    [true, 0],
    [true, 1],
  ]);
  expect(refusals).toEqual([
    {
      key: "k",
      cost: 2,
      decision: expect.objectContaining({ code: "RATELIMIT_EXCEEDED", retryAfterMs: 1000 }),
    },
  ]);
  expect(limiter.peek("k").remaining).toBe(0);
});

test("clients see nothing of it", async () => {
  const shadow = new ShadowRateLimiter({
    limiter: new RateLimiter({ limits: [{ count: 1, periodMs: 1000 }] }),
    onRefusal: () => undefined,
  });
  await shadow.take("k");
  expect(rateLimitHeaders(await shadow.take("k"))).toEqual({});
});

test("allows while the store is gone, and says so", async () => {
  const store = { apply: async () => [] };
  const codes: string[] = [];
  const shadow = new ShadowRateLimiter({
    limiter: new SharedRateLimiter({ store, onUnavailable: "closed" }),
    onRefusal: ({ decision }) => void codes.push(decision.code),
  });
  expect((await shadow.take("k")).allowed).toBe(true);
  expect(codes).toEqual(["RATELIMIT_STORE_UNAVAILABLE"]);
});

test("a report that throws turns nobody away", async () => {
  const shadow = new ShadowRateLimiter({
    limiter: new RateLimiter({ limits: [{ count: 1, periodMs: 1000 }] }),
    onRefusal: () => {
      throw new Error("no disk");
    },
  });
  await shadow.take("k");
  expect((await shadow.take("k")).allowed).toBe(true);
});

test("wrong use is an error all the same", async () => {
  const limiter = new RateLimiter();
  expect(() => new ShadowRateLimiter({ limiter, onRefusal: undefined as never })).toThrow("onRefusal");
  expect(() => new ShadowRateLimiter({ limiter: {} as never, onRefusal: () => undefined })).toThrow(
    "limiter",
  );
  const shadow = new ShadowRateLimiter({ limiter, onRefusal: () => undefined });
  await expect(shadow.take("")).rejects.toThrow(TypeError);
  await expect(shadow.take("k", -1)).rejects.toThrow(RangeError);
});
