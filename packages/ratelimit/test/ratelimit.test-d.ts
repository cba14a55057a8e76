import type { RateGate } from "@symbiont/kit";
import {
  enforceRateLimit,
  type RateLimitAllowed,
  type RateLimitDecision,
  type RateLimitErrorCode,
  RateLimiter,
  type RateReservation,
  type SharedRateLimiter,
} from "@symbiont/ratelimit";
import type { IoredisLike, NodeRedisLike } from "@symbiont/ratelimit/redis";
import type { Cluster, Redis } from "ioredis";
import type { createClient, createCluster } from "redis";
import { expectTypeOf, test } from "vitest";

test("types", () => {
  expectTypeOf<RateLimitErrorCode>().toEqualTypeOf<
    | "RATELIMIT_EXCEEDED"
    | "RATELIMIT_COST_EXCEEDS_CAPACITY"
    | "RATELIMIT_STORE_UNAVAILABLE"
    | "RATELIMIT_BUSY"
    | "RATELIMIT_ALREADY_SETTLED"
  >();
  expectTypeOf<RateLimiter>().toExtend<RateGate>();
  expectTypeOf<SharedRateLimiter>().toExtend<RateGate>();
  const limiter = new RateLimiter();
  expectTypeOf(limiter.take("k")).toEqualTypeOf<RateLimitDecision>();
  expectTypeOf(enforceRateLimit(limiter.take("k"))).toEqualTypeOf<RateLimitAllowed>();
  expectTypeOf(enforceRateLimit(limiter.reserve("k", 1))).toEqualTypeOf<RateReservation<RateLimitDecision>>();
  expectTypeOf<Redis>().toExtend<IoredisLike>();
  expectTypeOf<Cluster>().toExtend<IoredisLike>();
  expectTypeOf<ReturnType<typeof createClient>>().toExtend<NodeRedisLike>();
  expectTypeOf<ReturnType<typeof createCluster>>().toExtend<NodeRedisLike>();
});
