import type { RateLimitDenied } from "./decision.ts";
import { type RateLimitHeaderOptions, rateLimitHeaders } from "./headers.ts";

/** What to answer to a refused HTTP request, in no framework's words. */
export interface RateLimitResponse {
  readonly status: 429 | 503;
  readonly headers: Readonly<Record<string, string>>;
  /** `application/problem+json`. */
  readonly body: string;
}

const PROBLEM = "https://iana.org/assignments/http-problem-types#";

/**
 * Words a refusal as an HTTP response: 429 with the names of the refusing limits, or 503 when the limit could not
 * be checked.
 *
 * @see RFC 9457
 */
export function rateLimitResponse(
  decision: RateLimitDenied,
  options: RateLimitHeaderOptions = {},
): RateLimitResponse {
  const unavailable = decision.code === "RATELIMIT_STORE_UNAVAILABLE";
  const status = unavailable ? 503 : 429;
  const problem = unavailable
    ? { type: `${PROBLEM}temporary-reduced-capacity`, title: "Temporarily reduced capacity", status }
    : {
        type: `${PROBLEM}quota-exceeded`,
        title: "Quota exceeded",
        status,
        "violated-policies": decision.limits.filter(({ allowed }) => !allowed).map(({ limit }) => limit.name),
      };
  return {
    status,
    headers: {
      ...rateLimitHeaders(decision, options),
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
    },
    body: JSON.stringify(problem),
  };
}
