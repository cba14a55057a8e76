import { enforceRateLimit, RateLimitError, RateLimiter } from "@symbiont/ratelimit";
import { describe, expect, test } from "vitest";

const clock = () => {
  let nowMs = 0;
  return { now: () => nowMs, pass: (ms: number) => void (nowMs += ms) };
};

describe("a limiter", () => {
  test("allows 100 requests a minute when told nothing", () => {
    const { now, pass } = clock();
    const limiter = new RateLimiter({ now });
    for (let left = 99; left >= 0; left -= 1)
      expect(limiter.take("k")).toMatchObject({ allowed: true, remaining: left, retryAfterMs: 0 });
    expect(limiter.take("k")).toMatchObject({
      allowed: false,
      code: "RATELIMIT_EXCEEDED",
      remaining: 0,
      retryAfterMs: 600,
    });
    pass(599);
    expect(limiter.take("k").allowed).toBe(false);
    pass(1);
    expect(limiter.take("k").allowed).toBe(true);
    expect(limiter.take("other").remaining).toBe(99);
  });

  test("waiting as long as told is enough, whatever the cost", () => {
    const { now, pass } = clock();
    const limiter = new RateLimiter({ limits: [{ count: 7, periodMs: 1000 }], now });
    limiter.take("k", 7);
    for (const cost of [1, 3, 7]) {
      const refused = limiter.take("k", cost);
      expect(refused.allowed).toBe(false);
      pass(refused.retryAfterMs);
      expect(limiter.take("k", cost).allowed).toBe(true);
    }
  });

  test("refuses for ever what can never fit", () => {
    const limiter = new RateLimiter({ limits: [{ count: 10, periodMs: 1000 }] });
    expect(limiter.take("k", 11)).toMatchObject({
      allowed: false,
      code: "RATELIMIT_COST_EXCEEDS_CAPACITY",
      retryAfterMs: Number.POSITIVE_INFINITY,
      remaining: 10,
    });
  });

  test("counts a refused request against no limit", () => {
    const limiter = new RateLimiter({
      limits: [
        { name: "second", count: 2, periodMs: 1000 },
        { name: "day", count: 100, periodMs: 86_400_000, capacity: 50 },
      ],
    });
    for (let index = 0; index < 5; index += 1) limiter.take("k");
    expect(limiter.peek("k").limits.map(({ limit, remaining }) => [limit.name, remaining])).toEqual([
      ["second", 0],
      ["day", 48],
    ]);
  });

  test("a peek tells what a take would answer and changes nothing", () => {
    const { now } = clock();
    const limiter = new RateLimiter({ limits: [{ count: 3, periodMs: 1000 }], now });
    for (let index = 0; index < 9; index += 1)
      expect(limiter.peek("k")).toMatchObject({ allowed: true, remaining: 3 });
    limiter.take("k", 3);
    expect(limiter.peek("k")).toEqual(limiter.take("k"));
  });

  test("charges what has been used already, and stops at the debt", () => {
    const { now, pass } = clock();
    const limiter = new RateLimiter({ limits: [{ count: 10, periodMs: 1000, maxDebt: 20 }], now });
    expect(limiter.charge("k", 1_000_000)).toMatchObject({ allowed: true, remaining: 0 });
    expect(limiter.take("k").retryAfterMs).toBe(2100);
    pass(2100);
    expect(limiter.take("k").allowed).toBe(true);
  });

  test("a refund never goes beyond the full capacity", () => {
    const limiter = new RateLimiter({ limits: [{ count: 10, periodMs: 60_000 }] });
    limiter.take("k", 4);
    expect(limiter.refund("k", 9).remaining).toBe(10);
  });

  test("reset makes a key as good as new", () => {
    const limiter = new RateLimiter();
    limiter.take("k", 100);
    limiter.reset("k");
    expect(limiter.take("k").remaining).toBe(99);
  });

  test("enforceRateLimit throws the refusal", () => {
    const limiter = new RateLimiter({ limits: [{ count: 1, periodMs: 1000 }], now: () => 5 });
    expect(enforceRateLimit(limiter.take("k")).remaining).toBe(0);
    expect(() => enforceRateLimit(limiter.take("k"))).toThrow(
      expect.objectContaining({ code: "RATELIMIT_EXCEEDED", retryAfterMs: 1000, retryable: true }),
    );
    expect(() => enforceRateLimit(limiter.take("k", 2))).toThrow(
      expect.objectContaining({ code: "RATELIMIT_COST_EXCEEDS_CAPACITY", retryable: false }),
    );
    try {
      enforceRateLimit(limiter.take("k"));
    } catch (error) {
      expect(RateLimitError.is(error)).toBe(true);
      expect((error as Error).name).toBe("RateLimitError");
    }
  });
});

describe("wrong use is an error, never a free request", () => {
  test.each([
    [{ limits: [] }, "limits"],
    [{ limits: [{ count: 0, periodMs: 1 }] }, "count"],
    [{ limits: [{ count: 1.5, periodMs: 1 }] }, "count"],
    [{ limits: [{ count: Number.NaN, periodMs: 1 }] }, "count"],
    [{ limits: [{ count: 1, periodMs: 0 }] }, "periodMs"],
    [{ limits: [{ count: 1, periodMs: Number.POSITIVE_INFINITY }] }, "periodMs"],
    [{ limits: [{ count: 1, periodMs: 0.0004 }] }, "periodMs"],
    [{ limits: [{ count: 1, periodMs: 1, capacity: 0 }] }, "capacity"],
    [{ limits: [{ count: 1, periodMs: 1, maxDebt: -1 }] }, "maxDebt"],
    [{ limits: [{ count: 1, periodMs: 1e12, capacity: 1e6 }] }, "142 years"],
    [{ limits: [{ name: "a\nb", count: 1, periodMs: 1 }] }, "name"],
    [{ limits: [{ name: "é", count: 1, periodMs: 1 }] }, "name"],
    [
      {
        limits: [
          { count: 1, periodMs: 1 },
          { count: 2, periodMs: 2 },
        ],
      },
      "different names",
    ],
    [{ maxKeys: 0 }, "maxKeys"],
    [{ maxKeys: 1e9 }, "maxKeys"],
    [{ now: 5 as never }, "now"],
  ])("options %j", (options, message) => {
    expect(() => new RateLimiter(options)).toThrow(message);
  });

  const limiter = new RateLimiter();
  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 51, "1" as never])("cost %s", (cost) => {
    expect(() => limiter.take("k", cost)).toThrow(RangeError);
    expect(() => limiter.refund("k", cost)).toThrow(RangeError);
    expect(() => limiter.reserve("k", cost)).toThrow(RangeError);
  });

  test.each([
    ["empty", ""],
    ["undefined", undefined as never],
    ["null", null as never],
    ["number", 5 as never],
  ])("%s key", (_, key) => {
    expect(() => limiter.take(key)).toThrow(TypeError);
    expect(() => limiter.reset(key)).toThrow(TypeError);
  });

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])("a clock that says %s", (time) => {
    expect(() => new RateLimiter({ now: () => time }).take("k")).toThrow("now");
  });
});
