const INSTANT = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

const MINUTE_MS = 60_000;
const MAX_OFFSET_HOURS = 23;

/**
 * Reads an RFC 3339 instant as epoch milliseconds, or gives undefined for anything else: no bare dates, no missing
 * offset, no day that the month does not have. A leap second counts as the second after it.
 * @see RFC 3339 section 5.6
 */
export function parseRfc3339(value: unknown): number | undefined {
  const match = typeof value === "string" ? INSTANT.exec(value) : null;
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const offset = offsetMinutes(match[8], match[9], match[10]);
  if (hour > 23 || minute > 59 || second > 60 || offset === undefined) return undefined;
  const start = new Date(0);
  // Date.UTC would read the years up to 99 as 19xx.
  start.setUTCFullYear(year, month - 1, day);
  // A day that does not exist rolls over into the next month.
  if (start.getUTCMonth() !== month - 1 || start.getUTCDate() !== day) return undefined;
  const minuteStart = start.getTime() + (hour * 60 + minute - offset) * MINUTE_MS;
  // Leap seconds are the last of a UTC day.
  if (second === 60 && (minuteStart + MINUTE_MS) % (24 * 60 * MINUTE_MS) !== 0) return undefined;
  const fraction = Math.trunc(Number(`0.${match[7] ?? "0"}`) * 1000);
  return minuteStart + second * 1000 + fraction;
}

function offsetMinutes(sign: string | undefined, hours = "00", minutes = "00"): number | undefined {
  const [hour, minute] = [Number(hours), Number(minutes)];
  if (hour > MAX_OFFSET_HOURS || minute > 59) return undefined;
  return (sign === "-" ? -1 : 1) * (hour * 60 + minute);
}
