import { RateLimiter } from "@symbiont/ratelimit";
import fc from "fast-check";
import { expect, test } from "vitest";

/**
 * The arithmetic of the Rust crate governor 0.10, written down independently: whole nanoseconds in 64 bits, interval
 * rounded down, tolerance one interval shorter than the burst.
 */
class Governor {
  readonly #interval: bigint;
  readonly #tolerance: bigint;
  #tat: bigint | undefined;

  constructor(periodNs: bigint, count: bigint, burst: bigint) {
    this.#interval = periodNs / count;
    this.#tolerance = this.#interval * (burst - 1n);
  }

  check(nowNs: bigint, cells: bigint): { allowed: boolean; waitNs: bigint | "never"; remaining: bigint } {
    const extra = this.#interval * (cells - 1n);
    const tat = this.#tat ?? nowNs;
    if (extra > this.#tolerance)
      return { allowed: false, waitNs: "never", remaining: this.#remaining(nowNs) };
    const sum = tat + extra;
    const earliest = sum > this.#tolerance ? sum - this.#tolerance : 0n;
    if (nowNs < earliest)
      return { allowed: false, waitNs: earliest - nowNs, remaining: this.#remaining(nowNs) };
    this.#tat = (tat > nowNs ? tat : nowNs) + this.#interval * cells;
    return { allowed: true, waitNs: 0n, remaining: this.#remaining(nowNs) };
  }

  #remaining(nowNs: bigint): bigint {
    const full = this.#tolerance + this.#interval;
    const free = nowNs + full - (this.#tat ?? nowNs);
    const capped = free < full ? free : full;
    return capped < 0n ? 0n : capped / this.#interval;
  }
}

const schedule = fc.record({
  intervalUs: fc.integer({ min: 1, max: 2_000_000 }),
  count: fc.integer({ min: 1, max: 1000 }),
  burst: fc.integer({ min: 1, max: 40 }),
  startUs: fc.constantFrom(0, 12_345, 1_700_000_000_000_000),
  steps: fc.array(
    fc.record({
      // In intervals, so that steps fall before, at and after the borders.
      wait: fc.oneof(fc.constantFrom(0, 1, 2), fc.double({ min: 0, max: 3, noNaN: true })),
      off: fc.constantFrom(-1, 0, 1),
      cost: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 45 })),
    }),
    { maxLength: 80 },
  ),
});

test("decides like governor wherever the rate is a whole number of microseconds", () => {
  fc.assert(
    fc.property(schedule, ({ intervalUs, count, burst, startUs, steps }) => {
      let nowUs = startUs;
      const limiter = new RateLimiter({
        limits: [{ count, periodMs: (intervalUs * count) / 1000, capacity: burst }],
        maxKeys: 1,
        now: () => nowUs / 1000,
      });
      const governor = new Governor(BigInt(intervalUs * count) * 1000n, BigInt(count), BigInt(burst));
      for (const { wait, off, cost } of steps) {
        nowUs += Math.max(0, Math.round(wait * intervalUs) + off);
        const expected = governor.check(BigInt(nowUs) * 1000n, BigInt(cost));
        const { allowed, remaining, retryAfterMs } = limiter.take("k", cost);
        expect({ allowed, remaining, retryAfterMs }).toEqual({
          allowed: expected.allowed,
          remaining: Number(expected.remaining),
          retryAfterMs:
            expected.waitNs === "never"
              ? Number.POSITIVE_INFINITY
              : Math.ceil(Number(expected.waitNs / 1000n) / 1000),
        });
      }
    }),
    { numRuns: 500 },
  );
});

test("never admits more than capacity plus rate times time, with any number of limits", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 5000 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 9 })), {
        maxLength: 200,
      }),
      (count, periodMs, steps) => {
        let nowMs = 0;
        const limits = [
          { name: "a", count, periodMs },
          { name: "b", count: 2, periodMs: 3000, capacity: 60 },
        ];
        const limiter = new RateLimiter({ limits, maxKeys: 1, now: () => nowMs });
        let admitted = 0;
        for (const [wait, cost] of steps) {
          nowMs += wait;
          if (limiter.take("k", cost).allowed) admitted += cost;
          expect(admitted).toBeLessThanOrEqual(count + (nowMs / periodMs) * count);
          expect(admitted).toBeLessThanOrEqual(60 + (nowMs / 3000) * 2);
        }
      },
    ),
  );
});
