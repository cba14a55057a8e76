import type { JsonNumber } from "@symbiont/kit";

const INTEGER = /^-?\d+$/;
const MIN_I64 = -(2n ** 63n);
const MAX_U64 = 2n ** 64n - 1n;
const MAX_U64_DIGITS = 20;
/** From 1e16 on, Python and Rust write exponents. */
const FIRST_LARGE_EXPONENT = 16;

/** As `JSON.stringify`: the shortest text of the nearest double. */
export function javascriptNumber({ value }: JsonNumber): string {
  return String(value);
}

/** As `json.dumps`: integers exactly, fractions as `repr` writes them. */
export function pythonNumber({ raw, value }: JsonNumber): string {
  if (INTEGER.test(raw)) return raw === "-0" ? "0" : raw;
  const { mantissa, exponent } = decimal(value);
  if (exponent >= -4 && exponent < FIRST_LARGE_EXPONENT) return withFraction(value);
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${size}`;
}

/** As `serde_json` without its optional features: 64-bit integers exactly, all else as the `ryu` crate writes it. */
export function rustNumber({ raw, value }: JsonNumber): string {
  if (INTEGER.test(raw) && raw !== "-0" && raw.length <= MAX_U64_DIGITS) {
    const integer = BigInt(raw);
    if (integer >= MIN_I64 && integer <= MAX_U64) return raw;
  }
  const { mantissa, exponent } = decimal(value);
  return exponent >= -5 && exponent < FIRST_LARGE_EXPONENT
    ? withFraction(value)
    : `${mantissa}e${String(exponent)}`;
}

/** As `encoding/json` writes a `float64`: as JavaScript does, but with the sign of zero. */
export function goNumber({ value }: JsonNumber): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** The shortest digits that read back as the value, as `d.ddd` and a power of ten. */
function decimal(value: number): { readonly mantissa: string; readonly exponent: number } {
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  return { mantissa, exponent: Number(exponent) };
}

/** Without an exponent, and never looking like an integer. */
function withFraction(value: number): string {
  const text = Object.is(value, -0) ? "-0" : String(value);
  return text.includes(".") ? text : `${text}.0`;
}
