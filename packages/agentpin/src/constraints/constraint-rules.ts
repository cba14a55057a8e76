import { type IpRange, parseIpRange, rangeWithin } from "@symbiont/net";
import { domainMatches, isDomainPattern } from "./domain-pattern.ts";
import { requestsPerHour } from "./rate-limit.ts";
import { hoursWithin, readValidHours, type ValidHours } from "./valid-hours.ts";

/** How values of one constraint are read and compared. */
interface ConstraintRule<Value> {
  /** Undefined for what is not a value of this constraint. */
  readonly read: (value: unknown) => Value | undefined;
  /** Whether who obeys the claimed value also obeys the declared one. */
  readonly isWithin: (claimed: Value, declared: Value) => boolean;
}

/** How a value of a constraint is judged against the declared one. */
export type ConstraintJudge = (claimed: unknown, declared: unknown) => "within" | "beyond";

const CLASSES: readonly unknown[] = ["public", "internal", "confidential", "restricted"];
const MAX_ENTRIES = 1_000;

const dataClass: ConstraintRule<number> = {
  read: (value) => {
    const rank = CLASSES.indexOf(value);
    return rank < 0 ? undefined : rank;
  },
  isWithin: (claimed, declared) => claimed <= declared,
};

const rateLimit: ConstraintRule<number> = {
  read: requestsPerHour,
  isWithin: (claimed, declared) => claimed <= declared,
};

const allowedDomains: ConstraintRule<readonly string[]> = {
  read: (value) => listOf(value, (item) => (isDomainPattern(item) ? item : undefined)),
  isWithin: (claimed, declared) =>
    claimed.every((domain) => declared.some((pattern) => domainMatches(pattern, domain))),
};

const deniedDomains: ConstraintRule<readonly string[]> = {
  read: allowedDomains.read,
  isWithin: (claimed, declared) =>
    declared.every((domain) => claimed.some((pattern) => domainMatches(pattern, domain))),
};

const ipAllowlist: ConstraintRule<readonly IpRange[]> = {
  read: (value) => listOf(value, (item) => (typeof item === "string" ? parseIpRange(item) : undefined)),
  isWithin: (claimed, declared) =>
    claimed.every((range) => declared.some((outer) => rangeWithin(range, outer))),
};

const validHours: ConstraintRule<ValidHours> = { read: readValidHours, isWithin: hoursWithin };

/** The constraints that the protocol knows. */
export const CONSTRAINTS: ReadonlyMap<string, ConstraintJudge> = new Map([
  ["data_classification_max", judgeBy(dataClass)],
  ["rate_limit", judgeBy(rateLimit)],
  ["allowed_domains", judgeBy(allowedDomains)],
  ["denied_domains", judgeBy(deniedDomains)],
  ["ip_allowlist", judgeBy(ipAllowlist)],
  ["valid_hours", judgeBy(validHours)],
]);

/** Lists whose emptiness some implementations read as "no limit" and others as "nothing". */
export const AMBIGUOUS_WHEN_EMPTY: ReadonlySet<string> = new Set(["allowed_domains", "ip_allowlist"]);

/** What cannot be read is beyond; an absent value is within, since the other one holds then. */
function judgeBy<Value>({ read, isWithin }: ConstraintRule<Value>): ConstraintJudge {
  return (claimed, declared) => {
    const own = claimed === undefined ? undefined : read(claimed);
    const limit = declared === undefined ? undefined : read(declared);
    if (claimed !== undefined && own === undefined) return "beyond";
    if (declared !== undefined && limit === undefined) return "beyond";
    return own === undefined || limit === undefined || isWithin(own, limit) ? "within" : "beyond";
  };
}

function listOf<Item>(
  value: unknown,
  read: (item: unknown) => Item | undefined,
): readonly Item[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_ENTRIES) return undefined;
  const items: Item[] = [];
  for (const entry of value as readonly unknown[]) {
    const item = read(entry);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}
