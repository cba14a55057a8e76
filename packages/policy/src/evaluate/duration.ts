const SECOND = 1000;
const MINUTE: number = 60 * SECOND;
const HOUR: number = 60 * MINUTE;
const DAY: number = 24 * HOUR;

/** Milliseconds in each unit of a duration literal. Months and years have no fixed length: 30 and 365 days. */
const UNITS: Readonly<Record<string, number>> = {
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
  months: 30 * DAY,
  y: 365 * DAY,
  ".seconds": SECOND,
  ".minutes": MINUTE,
  ".hours": HOUR,
};

/** A length of time as the rules know it: it compares with other durations only, never with numbers. */
export class Duration {
  readonly milliseconds: number;

  /** @throws RangeError when `milliseconds` is not finite. */
  constructor(milliseconds: number) {
    if (!Number.isFinite(milliseconds))
      throw new RangeError(`milliseconds must be finite, got ${milliseconds}`);
    this.milliseconds = milliseconds;
    Object.freeze(this);
  }
}

/** Reads a duration literal that the lexer accepted. */
export function readDuration(raw: string): Duration {
  const digits = /^\d+/.exec(raw)?.[0] ?? "";
  return new Duration(Number(digits) * (UNITS[raw.slice(digits.length)] ?? Number.NaN));
}
