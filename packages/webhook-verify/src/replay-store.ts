import type { ReplayStore } from "@symbiont/kit";

/** What to do about deliveries that come again. */
export interface ReplayOptions {
  readonly store: ReplayStore;
  /**
   * `refuse` throws `WEBHOOK_REPLAYED`; `report` only sets `replayed` on the event, for providers whose own
   * redelivery repeats the very same bytes. Default `refuse`.
   */
  readonly onReplay?: "refuse" | "report";
  /**
   * How long to remember deliveries that carry no signed time, in ms, up to 30 days. Default one day. The others
   * are remembered for as long as they could pass.
   */
  readonly ttlMs?: number;
}

const DAY_MS = 86_400_000;
const MAX_TTL_MS = 30 * DAY_MS;

/** Options after their checks. */
export type ReplaySettings = Required<ReplayOptions>;

/** @throws TypeError or RangeError naming the option. */
export function readReplayOptions(options: ReplayOptions | ReplayStore): ReplaySettings {
  const { store, onReplay = "refuse", ttlMs = DAY_MS } = "store" in options ? options : { store: options };
  if (typeof store?.putIfAbsent !== "function") throw new TypeError("replay must be a store or hold one");
  if (onReplay !== "refuse" && onReplay !== "report")
    throw new TypeError('replay.onReplay must be "refuse" or "report"');
  if (!Number.isInteger(ttlMs) || ttlMs < 1 || ttlMs > MAX_TTL_MS)
    throw new RangeError(`replay.ttlMs must be an integer from 1 to ${MAX_TTL_MS}, got ${String(ttlMs)}`);
  return { store, onReplay, ttlMs };
}
