/** Hours of the day in which an agent may act; past midnight when the end is before the start. */
export interface ValidHours {
  /** Minutes since midnight. */
  readonly start: number;
  readonly end: number;
  readonly timezone: string;
}

const TIME = /^([01][0-9]|2[0-3]):([0-5][0-9])$/;
const ZONE = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;
const DAY_MINUTES = 1_440;

/** Reads `{start, end, timezone}`; undefined for anything else, and for a span of no time. */
export function readValidHours(value: unknown): ValidHours | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { start, end, timezone } = value as Readonly<Record<string, unknown>>;
  const from = minutes(start);
  const to = minutes(end);
  if (from === undefined || to === undefined || from === to) return undefined;
  if (typeof timezone !== "string" || !ZONE.test(timezone)) return undefined;
  return { start: from, end: to, timezone };
}

/** Tells whether one span lies in another of the same time zone: how two zones relate changes over the year. */
export function hoursWithin(inner: ValidHours, outer: ValidHours): boolean {
  if (inner.timezone !== outer.timezone) return false;
  const offset = (inner.start - outer.start + DAY_MINUTES) % DAY_MINUTES;
  return offset + lengthOf(inner) <= lengthOf(outer);
}

function lengthOf({ start, end }: ValidHours): number {
  return (end - start + DAY_MINUTES) % DAY_MINUTES;
}

function minutes(text: unknown): number | undefined {
  const match = typeof text === "string" ? TIME.exec(text) : null;
  return match === null ? undefined : Number(match[1]) * 60 + Number(match[2]);
}
