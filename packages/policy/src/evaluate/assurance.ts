import { Failure } from "./failure.ts";
import type { Frame } from "./frame.ts";
import { isAtMost, readQuantity } from "./quantity.ts";
import { admit, equals, readMember } from "./value.ts";

/** How an affirmed value is held against a required one. */
export type AssuranceComparator = "exact" | "at_least" | "at_most";

/** Affirms facts about the host that `require` rules may ask for, for example that a limiter is active. */
export interface AssuranceProvider {
  /** The keys it can affirm. */
  readonly keys: readonly string[];
  /** The value that holds now, or undefined when the fact cannot be affirmed. Synchronous; a throw is unmet. */
  readonly affirm: (key: string) => unknown;
}

const AT_MOST = [
  "rate_limiting",
  "rate_limit",
  "concurrent_limit",
  "max_concurrent_agents",
  "max_concurrent_steps",
  "timeout",
  "total_timeout",
  "timeout_per_request",
  "timeout_per_channel",
  "max_scan_time",
  "max_scan_depth",
  "max_data_size",
  "max_document_size",
  "max_results",
  "retry_attempts",
  "max_retry_attempts",
  "api_key_rotation",
  "token_rotation",
  "approval_expiry",
];

/** Comparators of the keys that published policies use; every other key is compared exactly. */
export const COMPARATORS: ReadonlyMap<string, AssuranceComparator> = new Map<string, AssuranceComparator>([
  ["sandbox_tier", "at_least"],
  ...AT_MOST.map((key): [string, AssuranceComparator] => [key, "at_most"]),
]);

/** Where affirmed values come from and how they are compared. */
export interface Assurances {
  readonly comparators: ReadonlyMap<string, AssuranceComparator>;
  readonly providers: ReadonlyMap<string, AssuranceProvider>;
  readonly orderedEnums: ReadonlyMap<string, readonly string[]>;
}

/** Tells whether the host affirms a key as required. Whatever cannot be affirmed, is not. */
export function isAffirmed(
  { comparators, providers, orderedEnums }: Assurances,
  key: string,
  required: unknown,
  given: unknown,
  frame: Frame,
): boolean {
  const affirmed = affirm(providers, key, given);
  if (affirmed instanceof Failure || required instanceof Failure) return false;
  if (equals(affirmed, required, frame) === true) return true;
  const comparator = comparators.get(key) ?? "exact";
  if (comparator === "exact") return false;
  const members = orderedEnums.get(key);
  if (members !== undefined) {
    const [a, b] = [members.indexOf(affirmed as string), members.indexOf(required as string)] as const;
    return a >= 0 && b >= 0 && (comparator === "at_least" ? a >= b : a <= b);
  }
  const [a, b] = [readQuantity(affirmed), readQuantity(required)];
  if (a === undefined || b === undefined) return false;
  return comparator === "at_least" ? a.kind !== "rate" && isAtMost(b, a) : isAtMost(a, b);
}

function affirm(providers: ReadonlyMap<string, AssuranceProvider>, key: string, given: unknown): unknown {
  const value = given === undefined ? NOT_AFFIRMED : readMember(given, key);
  if (!(value instanceof Failure && value.missing)) return value;
  const provider = providers.get(key);
  if (provider === undefined) return NOT_AFFIRMED;
  try {
    return admit(provider.affirm(key));
  } catch {
    return NOT_AFFIRMED;
  }
}

const NOT_AFFIRMED = new Failure("nothing affirms the key", true);
