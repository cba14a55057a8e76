import type { RateGate } from "@symbiont/kit";
import type { RateStore } from "@symbiont/ratelimit";
import type { RateConfig } from "../guard-config.ts";
import { GuardError } from "../guard-error.ts";
import type { Part } from "../parts.ts";

/** Opens the limits, counted in this process or, with a store, for all that share it. */
export async function openRate(
  limits: RateConfig | Record<string, never>,
  store: RateStore | undefined,
): Promise<Part<RateGate>> {
  const { RateLimiter, SharedRateLimiter } = await import("@symbiont/ratelimit");
  if (store === undefined) return { port: new RateLimiter(limits) };
  const limiter = new SharedRateLimiter({ ...limits, store });
  return {
    port: limiter,
    check: async () => {
      const { source } = await limiter.peek("health");
      // Until the store is back each process counts alone; that is no longer the limit that was asked for.
      if (source === "local" || source === "unavailable")
        throw new GuardError("GUARD_START_FAILED", "the store of the limits does not answer");
    },
  };
}
