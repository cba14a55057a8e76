import { SymbiontError, type SymbiontErrorOptions } from "@symbiont/kit";

/** Why a request was refused. The same string stands in decisions. */
export type RateLimitDenialCode =
  | "RATELIMIT_EXCEEDED"
  | "RATELIMIT_COST_EXCEEDS_CAPACITY"
  | "RATELIMIT_STORE_UNAVAILABLE";

/** Every reason of a {@link RateLimitError}. */
export type RateLimitErrorCode = RateLimitDenialCode | "RATELIMIT_BUSY" | "RATELIMIT_ALREADY_SETTLED";

const RETRYABLE: ReadonlySet<RateLimitErrorCode> = new Set<RateLimitErrorCode>([
  "RATELIMIT_EXCEEDED",
  "RATELIMIT_STORE_UNAVAILABLE",
  "RATELIMIT_BUSY",
]);

/** Error of `@symbiont/ratelimit`. Messages never hold a key. */
export class RateLimitError extends SymbiontError<RateLimitErrorCode> {
  /** Milliseconds until the same request may succeed; `Infinity` when waiting never helps, absent when not known. */
  readonly retryAfterMs?: number;

  constructor(
    code: RateLimitErrorCode,
    message: string,
    options: Pick<SymbiontErrorOptions, "cause"> & { readonly retryAfterMs?: number } = {},
  ) {
    super(code, message, {
      ...("cause" in options ? { cause: options.cause } : {}),
      retryable: RETRYABLE.has(code),
    });
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}
