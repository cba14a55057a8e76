import { RateLimiter, type RateLimiterOptions } from "@symbiont/ratelimit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

function setUp(limit: Partial<NonNullable<RateLimiterOptions["limits"]>[0]> = {}) {
  let nowMs = 0;
  const limits = [{ name: "tokens", count: 1000, periodMs: 1_000_000, ...limit }];
  const limiter = new RateLimiter({ limits, now: () => nowMs });
  const reserve = (estimate: number) => {
    const reservation = limiter.reserve("k", estimate);
    if (!reservation.allowed) throw new Error("expected a reservation");
    return reservation;
  };
  return { limiter, reserve, pass: (ms: number) => void (nowMs += ms) };
}

describe("a token budget", () => {
  test("puts the real cost in place of the estimate", () => {
    const { limiter, reserve } = setUp({ maxDebt: 100 });
    const less = reserve(400);
    expect(less).toMatchObject({ allowed: true, remaining: 600, retryAfterMs: 0, estimate: 400 });
    expect(less.settle(250).remaining).toBe(750);
    expect(reserve(100).settle(300).remaining).toBe(450);
    expect(reserve(100).settle(100).remaining).toBe(350);
    expect(reserve(350).cancel().remaining).toBe(350);
    expect(limiter.peek("k").remaining).toBe(350);
  });

  test("refuses an estimate that does not fit", () => {
    const { limiter, reserve } = setUp();
    reserve(800);
    expect(limiter.reserve("k", 300)).toMatchObject({
      allowed: false,
      code: "RATELIMIT_EXCEEDED",
      retryAfterMs: 100_000,
    });
    expect(limiter.reserve("k", 1001)).toMatchObject({ code: "RATELIMIT_COST_EXCEEDS_CAPACITY" });
  });

  test("an underestimate goes into debt, at most maxDebt", () => {
    const { limiter, reserve } = setUp({ maxDebt: 500 });
    reserve(1).settle(1_000_000);
    expect(limiter.take("k").retryAfterMs).toBe(501_000);
  });

  test("can be settled once", () => {
    const { reserve } = setUp();
    const reservation = reserve(10);
    reservation.settle(5);
    const twice = expect.objectContaining({ code: "RATELIMIT_ALREADY_SETTLED", retryable: false });
    expect(() => reservation.settle(5)).toThrow(twice);
    expect(() => reservation.cancel()).toThrow(twice);
  });

  test("a wrong cost settles nothing", () => {
    const { reserve } = setUp();
    const reservation = reserve(10);
    expect(() => reservation.settle(-5)).toThrow(RangeError);
    expect(() => reservation.settle(Number.NaN)).toThrow(RangeError);
    expect(reservation.settle(0).remaining).toBe(1000);
  });

  test("a late cancellation does not forgive what others used meanwhile", () => {
    const { limiter, reserve, pass } = setUp();
    const reservation = reserve(500);
    pass(500_000);
    expect(limiter.take("k", 700).allowed).toBe(true);
    reservation.cancel();
    expect(limiter.peek("k").remaining).toBe(300);
  });

  test("reserving and cancelling never lets more through than the limit", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 400 }), fc.boolean()),
          { maxLength: 60 },
        ),
        (steps) => {
          const { limiter, pass } = setUp();
          const open: (() => void)[] = [];
          let used = 0;
          let timeMs = 0;
          for (const [wait, units, reserves] of steps) {
            pass(wait);
            timeMs += wait;
            if (reserves) {
              const reservation = limiter.reserve("k", units);
              if (reservation.allowed) open.push(() => void reservation.cancel());
            } else if (limiter.take("k", units).allowed) {
              used += units;
            } else {
              open.shift()?.();
            }
            expect(used).toBeLessThanOrEqual(1000 + timeMs / 1000);
          }
        },
      ),
    );
  });
});
