import type { RateLimitDenied } from "./decision.ts";
import { type RateLimitDenialCode, RateLimitError } from "./errors.ts";

const MESSAGES: Readonly<Record<RateLimitDenialCode, string>> = {
  RATELIMIT_EXCEEDED: "the rate limit is exceeded",
  RATELIMIT_COST_EXCEEDS_CAPACITY: "the request costs more than the limit can ever grant",
  RATELIMIT_STORE_UNAVAILABLE: "the rate limit cannot be checked now",
};

/**
 * Gives an allowed decision back and throws a refusal.
 *
 * @throws RateLimitError with the decision's code and `retryAfterMs`.
 */
export function enforceRateLimit<Decision extends { readonly allowed: boolean }>(
  decision: Decision | RateLimitDenied,
): Exclude<Decision, { readonly allowed: false }> {
  if (decision.allowed === true) return decision as Exclude<Decision, { readonly allowed: false }>;
  const { code, retryAfterMs } = decision as RateLimitDenied;
  throw new RateLimitError(code, MESSAGES[code], { retryAfterMs });
}
