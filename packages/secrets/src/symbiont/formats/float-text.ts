// Up to here digits are written out; beyond, with an exponent.
const MOST_DIGITS = 16;
const MOST_LEADING_ZEROS = 5;

/** Writes a floating-point number as Symbiont's libraries do: shortest digits, and never like an integer. */
export function floatText(value: number): string {
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [mantissa = "0", exponent = "0"] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const point = Number(exponent) + 1;
  if (value === 0) return `${sign}0.0`;
  if (point > MOST_DIGITS || point <= -MOST_LEADING_ZEROS) return `${sign}${mantissa}e${Number(exponent)}`;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (digits.length <= point) return `${sign}${digits.padEnd(point, "0")}.0`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
