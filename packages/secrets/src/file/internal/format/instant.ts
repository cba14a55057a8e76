const SPELLING = /^\d{4}-(?:0[1-9]|1[0-2])-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
/** The years 0 to 9999, whose spelling has four digits. */
const FIRST = -62_167_219_200_000;
const LAST = 253_402_300_799_999;

/** Reads the one spelling of an instant that {@link writeInstant} writes; undefined for any other. */
export function readInstant(text: string): number | undefined {
  if (!SPELLING.test(text)) return undefined;
  const time = Date.parse(text);
  // 31 June is no day, but some would take it for one.
  return new Date(time).getUTCDate() === Number(text.slice(8, 10)) ? time : undefined;
}

/** @throws RangeError for an instant that could not be read back. */
export function writeInstant(time: number): string {
  return new Date(checkedInstant("the time", time)).toISOString();
}

/** @throws RangeError for an instant that has no place in the format. */
export function checkedInstant(option: string, time: number): number {
  if (time >= FIRST && time <= LAST) return time;
  throw new RangeError(`${option} must lie in the years 0 to 9999`);
}
