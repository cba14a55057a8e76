import { parseRfc3339 } from "@symbiont/kit";
import { UsageError } from "./usage-error.ts";

const UNITS: ReadonlyMap<string, number> = new Map([
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** A time as `2026-01-02`, RFC 3339, or so long ago as `15m`, `2h`, `7d`; epoch milliseconds. */
export function instantOf(option: string, text: string, now: number): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (UNITS.get(unit ?? "") ?? 0);
  const day = /^\d{4}-\d\d-\d\d$/.test(text);
  const instant = parseRfc3339(day ? `${text}T00:00:00Z` : text);
  if (instant === undefined)
    throw new UsageError(`${option} must be a day, an RFC 3339 time, or as 15m, 2h, 7d ago`);
  return instant;
}
