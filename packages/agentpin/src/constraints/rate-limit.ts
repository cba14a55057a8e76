const RATE = /^([0-9]{1,9})\/(second|minute|hour)$/;
const PER_HOUR: Readonly<Record<string, number>> = { second: 3_600, minute: 60, hour: 1 };

/** Reads `count/period` as requests per hour; undefined for anything else, and for a count of none. */
export function requestsPerHour(rate: unknown): number | undefined {
  const match = typeof rate === "string" ? RATE.exec(rate) : null;
  const count = Number(match?.[1] ?? 0);
  return count > 0 ? count * (PER_HOUR[match?.[2] ?? ""] ?? 0) : undefined;
}
