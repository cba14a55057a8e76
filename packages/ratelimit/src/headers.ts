import { encodeBase64 } from "@symbiont/kit";
import type { LimitState, RateLimitDecision } from "./decision.ts";

/** Which fields to send. Clients of `draft-10` are many to come, those of the older forms are many already. */
export type RateLimitHeaderStyle = "draft-10" | "draft-07" | "draft-06" | "legacy" | "none";

const STYLES: readonly RateLimitHeaderStyle[] = ["draft-10", "draft-07", "draft-06", "legacy", "none"];

/** Settings of {@link rateLimitHeaders}. */
export interface RateLimitHeaderOptions {
  /** Default `draft-10`. `none` leaves `Retry-After` only. */
  readonly style?: RateLimitHeaderStyle;
  /**
   * Partition keys by limit name, sent by `draft-10`. They are seen by the client: give a keyed digest, never an
   * address or an API key. Default none.
   */
  readonly partitionKeys?: ReadonlyMap<string, Uint8Array>;
  /**
   * Up to how much longer `Retry-After` may be, as a share of the wait from 0 to 1, so that clients refused together
   * do not all come back together. Default 0.
   */
  readonly jitter?: number;
  /** Epoch milliseconds, for the `legacy` style. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Words a decision as HTTP fields. Fields are not trailers; send them with refusals and with allowed responses.
 *
 * `Retry-After` comes with every refusal that waiting can help, and is never earlier than the `t` of a refusing limit.
 *
 * @throws TypeError for an unknown style, RangeError for a wrong `jitter`.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/10/
 * @see RFC 9651 for the structured field syntax, RFC 9110, 10.2.3 for `Retry-After`
 */
export function rateLimitHeaders(
  decision: RateLimitDecision,
  options: RateLimitHeaderOptions = {},
): Record<string, string> {
  const { style = "draft-10", jitter = 0 } = options;
  if (typeof jitter !== "number" || !(jitter >= 0 && jitter <= 1))
    throw new RangeError(`jitter must be a number from 0 to 1, got ${String(jitter)}`);
  if (!STYLES.includes(style)) throw new TypeError(`style must be one of ${STYLES.join(", ")}`);
  const headers = decision.limits.length === 0 ? {} : fields(style, decision.limits, options);
  const wait = Math.max(decision.retryAfterMs, 0);
  if (!decision.allowed && Number.isFinite(wait))
    headers["Retry-After"] = String(seconds(wait * (1 + jitter * Math.random())));
  return headers;
}

function fields(
  style: RateLimitHeaderStyle,
  states: readonly LimitState[],
  options: RateLimitHeaderOptions,
): Record<string, string> {
  const tightest = states.reduce(stricter);
  const [limit, remaining, reset] = [tightest.limit.count, tightest.remaining, secondsLeft(tightest)];
  switch (style) {
    case "draft-10":
      return {
        "RateLimit-Policy": states
          .map(({ limit }) => `${quoted(limit.name)};q=${limit.count};w=${seconds(limit.periodMs)}`)
          .map((item, index) => item + partition(states[index] as LimitState, options))
          .join(", "),
        RateLimit: states
          .map((state) => `${quoted(state.limit.name)};r=${state.remaining};t=${secondsLeft(state)}`)
          .map((item, index) => item + partition(states[index] as LimitState, options))
          .join(", "),
      };
    case "draft-07":
      return {
        "RateLimit-Policy": olderPolicy(states),
        RateLimit: `limit=${limit}, remaining=${remaining}, reset=${reset}`,
      };
    case "draft-06":
      return {
        "RateLimit-Policy": olderPolicy(states),
        "RateLimit-Limit": String(limit),
        "RateLimit-Remaining": String(remaining),
        "RateLimit-Reset": String(reset),
      };
    case "legacy": {
      const now = options.now ?? Date.now;
      return {
        "X-RateLimit-Limit": String(limit),
        "X-RateLimit-Remaining": String(remaining),
        "X-RateLimit-Reset": String(Math.floor(now() / 1000) + reset),
      };
    }
    case "none":
      return {};
  }
}

/** The state that older styles, which know one limit only, have to show. */
function stricter(one: LimitState, other: LimitState): LimitState {
  if (one.retryAfterMs !== other.retryAfterMs) return other.retryAfterMs > one.retryAfterMs ? other : one;
  return other.remaining < one.remaining ? other : one;
}

function olderPolicy(states: readonly LimitState[]): string {
  return states.map(({ limit }) => `${limit.count};w=${seconds(limit.periodMs)}`).join(", ");
}

/** Until more is to be had: the wait of a refusal, or until everything is there again. */
function secondsLeft(state: LimitState): number {
  return seconds(
    state.allowed || state.retryAfterMs === Number.POSITIVE_INFINITY
      ? state.resetAfterMs
      : state.retryAfterMs,
  );
}

function partition(state: LimitState, options: RateLimitHeaderOptions): string {
  const key = options.partitionKeys?.get(state.limit.name);
  return key === undefined ? "" : `;pk=:${encodeBase64(key)}:`;
}

function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

function quoted(name: string): string {
  return `"${name.replace(/["\\]/g, "\\$&")}"`;
}
