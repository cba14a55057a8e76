import type { JsonObject, JsonValue } from "@symbiont/kit";
import { SecretError } from "../../../errors.ts";
import type { Argon2Cost } from "../../../internal/argon2id.ts";
import { StrictObject } from "./strict-object.ts";

/** What a hostile header may make us spend, checked before anything is spent. */
const CEILING: Argon2Cost = { memoryKiB: 1 << 20, passes: 16, lanes: 4 };
/** What a new slot costs at least: what OWASP asks of passwords. */
const FLOOR: Argon2Cost = { memoryKiB: 19_456, passes: 2, lanes: 1 };

const KDF_MEMBERS: ReadonlySet<string> = new Set(["alg", "v", "m", "t", "p"]);

/** @throws RangeError unless it lies between what is safe to write and what everybody reads. */
export function checkedCost(cost: Argon2Cost): Argon2Cost {
  for (const name of ["memoryKiB", "passes", "lanes"] as const) {
    const value = cost[name];
    if (!Number.isInteger(value) || value < FLOOR[name] || value > CEILING[name])
      throw new RangeError(`argon2.${name} must be a whole number from ${FLOOR[name]} to ${CEILING[name]}`);
  }
  return { memoryKiB: cost.memoryKiB, passes: cost.passes, lanes: cost.lanes };
}

/** @throws SecretError `SECRET_FORMAT_INVALID`, `SECRET_KDF_LIMIT`. */
export function readCost(json: JsonValue | undefined): Argon2Cost {
  const kdf = new StrictObject(json, "slot kdf", KDF_MEMBERS);
  kdf.literal("alg", "argon2id");
  kdf.literal("v", 19);
  const lanes = kdf.integer("p", 1);
  // RFC 9106 section 3.1: at least 8 KiB a lane.
  const cost = { memoryKiB: kdf.integer("m", 8 * lanes), passes: kdf.integer("t", 1), lanes };
  if (cost.memoryKiB > CEILING.memoryKiB || cost.passes > CEILING.passes || cost.lanes > CEILING.lanes)
    throw new SecretError("SECRET_KDF_LIMIT", "a slot asks for more key derivation than is allowed");
  return cost;
}

/** The cost as it stands in a slot. */
export function writeCost({ memoryKiB, passes, lanes }: Argon2Cost): JsonObject {
  return { alg: "argon2id", v: 19, m: memoryKiB, t: passes, p: lanes };
}
