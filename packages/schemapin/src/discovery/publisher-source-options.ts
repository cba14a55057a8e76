import type { Clock } from "@symbiont/kit";
import type { DnsPolicy } from "../dns/check-dns.ts";
import type { DocumentResolver } from "./document-resolver.ts";
import type { TrustLedger } from "./trust-ledger.ts";

/** Where publishers are looked up, and how strictly. */
export interface PublisherSourceOptions {
  readonly resolver: DocumentResolver;
  /**
   * `strict`: what cannot be looked up refuses. `permissive`: a discovery document may be used past its time, and a
   * revocation document may be missing, for `maxStaleMs` and with a warning.
   */
  readonly mode: "strict" | "permissive";
  /** Remembers revoked keys, so that a list that shrinks revives none. */
  readonly ledger: TrustLedger;
  /** Default off. */
  readonly dns?: DnsPolicy;
  /** Longest use of a discovery document whose source allows as much, in milliseconds. Default 3,600,000. */
  readonly maxDiscoveryAgeMs?: number;
  /** The same for revocations. Default 300,000. */
  readonly maxRevocationAgeMs?: number;
  /** Least use of either, whatever its source says, in milliseconds; failures count as long. Default 10,000. */
  readonly minAgeMs?: number;
  /** In permissive mode, longest use of a discovery document past its time, in milliseconds. Default 86,400,000. */
  readonly maxStaleMs?: number;
  /** Default `Date`. */
  readonly clock?: Clock;
}

/** @throws TypeError or RangeError naming the option. */
export function readSourceOptions(given: PublisherSourceOptions): Required<PublisherSourceOptions> {
  const options: Required<PublisherSourceOptions> = {
    dns: { policy: "off" },
    maxDiscoveryAgeMs: 3_600_000,
    maxRevocationAgeMs: 300_000,
    minAgeMs: 10_000,
    maxStaleMs: 86_400_000,
    clock: Date,
    ...given,
  };
  if (options.mode !== "strict" && options.mode !== "permissive")
    throw new TypeError('mode must be "strict" or "permissive"');
  if (!["off", "if-present", "require"].includes(options.dns.policy))
    throw new TypeError('dns.policy must be "off", "if-present" or "require"');
  for (const name of ["maxDiscoveryAgeMs", "maxRevocationAgeMs", "minAgeMs", "maxStaleMs"] as const) {
    if (!(options[name] > 0)) throw new RangeError(`${name} must be a positive number, got ${options[name]}`);
  }
  return options;
}
