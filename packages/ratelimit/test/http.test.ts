import { type RateLimitDenied, RateLimiter, rateLimitHeaders, rateLimitResponse } from "@symbiont/ratelimit";
import { describe, expect, test } from "vitest";

const limits = [
  { name: "second", count: 2, periodMs: 1000 },
  { name: "minute", count: 30, periodMs: 60_000 },
];

function denied(cost = 1): RateLimitDenied {
  const limiter = new RateLimiter({ limits, now: () => 0 });
  limiter.take("k", 2);
  const decision = limiter.take("k", cost);
  if (decision.allowed) throw new Error("expected a refusal");
  return decision;
}

const unavailable: RateLimitDenied = {
  allowed: false,
  code: "RATELIMIT_STORE_UNAVAILABLE",
  remaining: 0,
  retryAfterMs: 1000,
  limits: [],
};

describe("a refusal over HTTP", () => {
  test("is 429 with the names of the refusing limits", () => {
    const { status, headers, body } = rateLimitResponse(denied());
    expect(status).toBe(429);
    expect(headers).toEqual({
      "RateLimit-Policy": '"second";q=2;w=1, "minute";q=30;w=60',
      RateLimit: '"second";r=0;t=1, "minute";r=28;t=4',
      "Retry-After": "1",
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
    });
    expect(JSON.parse(body)).toEqual({
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      title: "Quota exceeded",
      status: 429,
      "violated-policies": ["second"],
    });
  });

  test("has no Retry-After when waiting never helps", () => {
    expect(rateLimitResponse(denied(3)).headers).not.toHaveProperty("Retry-After");
  });

  test("is 503 when the limit could not be checked", () => {
    const { status, headers, body } = rateLimitResponse(unavailable);
    expect(status).toBe(503);
    expect(headers).toMatchObject({ "Retry-After": "1" });
    expect(headers).not.toHaveProperty("RateLimit");
    expect(JSON.parse(body)).toMatchObject({ type: expect.stringContaining("#temporary-reduced-capacity") });
  });

  test.each(["draft-10", "draft-07", "draft-06", "legacy", "none"] as const)(
    "%s keeps Retry-After",
    (style) => {
      expect(rateLimitHeaders(denied(), { style })["Retry-After"]).toBe("1");
    },
  );

  test("the older forms show the limit that refuses", () => {
    expect(rateLimitHeaders(denied(), { style: "draft-06" })).toMatchObject({
      "RateLimit-Limit": "2",
      "RateLimit-Remaining": "0",
      "RateLimit-Policy": "2;w=1, 30;w=60",
    });
  });

  test("jitter makes the wait longer by at most its share, and never shorter", () => {
    const limiter = new RateLimiter({ limits: [{ count: 1, periodMs: 1_000_000 }], now: () => 0 });
    limiter.take("k");
    const decision = limiter.take("k");
    const waits = Array.from({ length: 300 }, () =>
      Number(rateLimitHeaders(decision, { jitter: 0.1 })["Retry-After"]),
    );
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1100);
    expect(new Set(waits).size).toBeGreaterThan(10);
    expect(rateLimitHeaders(decision)["Retry-After"]).toBe("1000");
  });

  test.each([-0.1, 1.1, Number.NaN, "0.1" as never])("a jitter of %s is an error", (jitter) => {
    expect(() => rateLimitHeaders(denied(), { jitter })).toThrow(RangeError);
  });

  test("an unknown style is an error", () => {
    expect(() => rateLimitHeaders(denied(), { style: "draft-99" as never })).toThrow(TypeError);
    expect(() => rateLimitHeaders(unavailable, { style: "draft-99" as never })).toThrow(TypeError);
  });
});
