import { Duration } from "./duration.ts";

/** An amount that can be compared with others of its kind. */
export type Quantity =
  | { readonly kind: "count" | "milliseconds" | "bytes" | "tier"; readonly amount: number }
  | { readonly kind: "rate"; readonly amount: number; readonly periodMs: number; readonly per?: string };

const TIME: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  second: 1000,
  m: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
  month: 2_592_000_000,
  year: 31_536_000_000,
};

const SIZE: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/**
 * Reads the spellings of sizes, times and rates that policies use: `10`, `5000ms`, `5m`, `30_days`, `1_hour`,
 * `100MB`, `100/minute`, `100/hour/recipient`, and sandbox tiers such as `Tier2`.
 * @returns undefined for anything else.
 */
export function readQuantity(value: unknown): Quantity | undefined {
  if (typeof value === "number") return { kind: "count", amount: value };
  if (value instanceof Duration) return { kind: "milliseconds", amount: value.milliseconds };
  if (typeof value !== "string" || value.length > 64) return undefined;
  const tier = /^[Tt]ier([0-9]{1,3})$/.exec(value);
  if (tier !== null) return { kind: "tier", amount: Number(tier[1]) };
  const rate = /^([0-9]{1,12})\/(second|minute|hour|day|week)(?:\/([A-Za-z_]+))?$/.exec(value);
  if (rate !== null) {
    const [, amount, period, per] = rate;
    const periodMs = TIME[period ?? ""] ?? Number.NaN;
    return { kind: "rate", amount: Number(amount), periodMs, ...(per === undefined ? {} : { per }) };
  }
  const measure = /^([0-9]{1,12}(?:\.[0-9]{1,6})?)(_?)([A-Za-z]+)$/.exec(value);
  if (measure === null) return undefined;
  const [, amount, underscore, unit = ""] = measure;
  const singular = underscore === "_" ? unit.replace(/s$/, "") : unit;
  const bytes = Object.hasOwn(SIZE, unit) ? SIZE[unit] : undefined;
  if (bytes !== undefined) return { kind: "bytes", amount: Number(amount) * bytes };
  const milliseconds = Object.hasOwn(TIME, singular) ? TIME[singular] : undefined;
  return milliseconds === undefined
    ? undefined
    : { kind: "milliseconds", amount: Number(amount) * milliseconds };
}

/** Tells whether `affirmed` is at most `required`. Amounts of different kinds never are. */
export function isAtMost(affirmed: Quantity, required: Quantity): boolean {
  if (affirmed.kind !== required.kind) return false;
  if (affirmed.kind !== "rate" || required.kind !== "rate") return affirmed.amount <= required.amount;
  // What a limiter with a long period lets through may all come at once, so whole periods are counted.
  const mostInPeriod = affirmed.amount * Math.ceil(required.periodMs / affirmed.periodMs);
  const coversEach = affirmed.per === undefined || affirmed.per === required.per;
  return coversEach && mostInPeriod <= required.amount;
}
