import type { AuditSink, Clock, RateGate } from "@symbiont/kit";
import type { LegacyScan } from "./legacy-scan.ts";
import type { Pepper } from "./pepper.ts";
import type { StaticToken } from "./static-token.ts";
import type { ApiKeyStore } from "./store.ts";

/** How API keys are kept and verified. */
export interface ApiKeysOptions {
  /** Where records live; asked at every verification. */
  readonly store: ApiKeyStore;
  /** First part of generated tokens: 2 to 16 of `a-z0-9`. Tells environments apart. Default `"ak"`. */
  readonly prefix?: string;
  /**
   * Verifier of generated keys. `"argon2id"` is what Symbiont reads; `"hmac-sha256"` takes microseconds instead
   * of tens of milliseconds, just as safe for generated secrets, and needs `peppers`. Default `"argon2id"`.
   */
  readonly hashing?: "argon2id" | "hmac-sha256";
  /** Keys of HMAC verifiers; the first makes new ones, all are accepted. Default none. */
  readonly peppers?: readonly Pepper[];
  /** Brings a verifier up to the current `hashing` when its key is used. Default `false`. */
  readonly rehashOnVerify?: boolean;
  /** Told of everything that happens, with the reasons the caller does not learn. Default nobody. */
  readonly audit?: AuditSink;
  /** Whether verifications that succeed are recorded too. Default `false`. */
  readonly auditSuccess?: boolean;
  /** Asked before every slow hash the cache does not spare, by client and by key id. Default no limit. */
  readonly throttle?: RateGate;
  /** Argon2 runs at a time. Default 2. */
  readonly hashConcurrency?: number;
  /** Argon2 runs that may wait; more are refused with `API_KEY_BUSY`. Default 64. */
  readonly hashQueue?: number;
  /** How long a hash that matched is remembered; decisions never are. 0 for not at all. Default 10 minutes. */
  readonly hashCacheMs?: number;
  /** How often times of last use are written. 0 for never. Default 1 minute. */
  readonly lastUsedMs?: number;
  /** Scan for tokens without id. Default off. */
  readonly legacy?: Omit<LegacyScan, "maxRecords"> & { readonly maxRecords?: number };
  /** One token from the configuration. Default none. */
  readonly staticToken?: StaticToken;
  /** Default `Date`. */
  readonly clock?: Clock;
}

/** @throws RangeError naming the option. */
export function checkedCount(name: string, value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(`${name} must be an integer of at least ${least}, got ${value}`);
  return value;
}
