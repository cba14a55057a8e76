import { WebhookError } from "../webhook-error.ts";

/** How a sender writes the time: digits since the epoch, or RFC 3339. */
export type TimestampUnit = "s" | "ms" | "rfc3339";

const DIGITS = /^[0-9]{1,15}$/;
const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

const MINUTE_MS = 60_000;
const MAX_TOLERANCE_MS = 3_600_000;

/**
 * Reads a timestamp as epoch milliseconds. Fifteen digits at most, so that no sum or difference of two readings
 * leaves the range in which a double is a number of milliseconds; neither sign, fraction, exponent nor space.
 * @throws WebhookError `WEBHOOK_TIMESTAMP_INVALID`.
 */
export function readTimestamp(text: string, unit: TimestampUnit): number {
  const value = unit === "rfc3339" ? readRfc3339(text) : DIGITS.test(text) ? Number(text) : undefined;
  if (value === undefined)
    throw new WebhookError("WEBHOOK_TIMESTAMP_INVALID", "timestamp is not in the form that the scheme uses");
  return unit === "s" ? value * 1000 : value;
}

/** Writes epoch milliseconds in the sender's form. */
export function writeTimestamp(ms: number, unit: TimestampUnit): string {
  if (unit === "rfc3339") return new Date(ms).toISOString();
  return String(Math.floor(unit === "s" ? ms / 1000 : ms));
}

/**
 * Refuses a timestamp outside the window; its two ends are inside.
 * @throws WebhookError `WEBHOOK_TIMESTAMP_TOO_OLD`, `WEBHOOK_TIMESTAMP_TOO_NEW`.
 */
export function checkAge(timestampMs: number, nowMs: number, toleranceMs: number): void {
  const ageMs = nowMs - timestampMs;
  if (ageMs > toleranceMs) throw new WebhookError("WEBHOOK_TIMESTAMP_TOO_OLD", "timestamp is too old");
  // Written so that a clock that gives NaN refuses.
  if (!(ageMs >= -toleranceMs))
    throw new WebhookError("WEBHOOK_TIMESTAMP_TOO_NEW", "timestamp is too far in the future");
}

/** @throws RangeError naming the option: a window cannot be switched off. */
export function checkTolerance(option: string, toleranceMs: number): number {
  if (!Number.isInteger(toleranceMs) || toleranceMs < 0 || toleranceMs > MAX_TOLERANCE_MS)
    throw new RangeError(
      `${option} must be an integer from 0 to ${MAX_TOLERANCE_MS}, got ${String(toleranceMs)}`,
    );
  return toleranceMs;
}

function readRfc3339(text: string): number | undefined {
  const parts = text.length > 40 ? null : RFC3339.exec(text);
  if (parts === null) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second,
    fraction = "",
    sign,
    offsetHour = "0",
    offsetMinute = "0",
  ] = parts.map((part) => part as string | undefined);
  const ms = Number(`0.${fraction}0`) * 1000;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  // A field that overflowed into the next one (30 February, 25 o'clock, second 60) is refused.
  const isExact =
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    date.getUTCHours() === Number(hour) &&
    date.getUTCMinutes() === Number(minute) &&
    date.getUTCSeconds() === Number(second);
  if (!isExact || Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * MINUTE_MS * (sign === "-" ? -1 : 1);
  return date.getTime() + Math.floor(ms) - offset;
}
