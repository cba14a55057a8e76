export {
  type ConcurrencyGate,
  type ConcurrencyOptions,
  type ConcurrencyPermit,
  concurrency,
} from "./concurrency.ts";
export type { LimitState, RateLimitAllowed, RateLimitDecision, RateLimitDenied } from "./decision.ts";
export { enforceRateLimit } from "./enforce.ts";
export { type RateLimitDenialCode, RateLimitError, type RateLimitErrorCode } from "./errors.ts";
export { type GcraLimit, type GcraOperation, type GcraStep, gcra } from "./gcra.ts";
export { type RateLimitHeaderOptions, type RateLimitHeaderStyle, rateLimitHeaders } from "./headers.ts";
export type { RateLimit, RateLimitOptions, StoredLimit } from "./limit.ts";
export { RateLimiter, type RateLimiterOptions } from "./rate-limiter.ts";
export type { RateStep, RateStore } from "./rate-store.ts";
export type { RateReservation } from "./reservation.ts";
export { type RateLimitResponse, rateLimitResponse } from "./response.ts";
export {
  type ShadowedRefusal,
  ShadowRateLimiter,
  type ShadowRateLimiterOptions,
} from "./shadow-rate-limiter.ts";
export {
  type DecisionSource,
  type SharedRateLimitDecision,
  SharedRateLimiter,
  type SharedRateLimiterOptions,
} from "./shared-rate-limiter.ts";
