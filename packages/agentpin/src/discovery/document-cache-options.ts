import type { Clock } from "@symbiont/kit";
import type { DnsPolicy } from "../dns/check-dns.ts";
import { refuseUnknownOptions, seconds } from "../verify/verification-rules.ts";
import type { DocumentResolver } from "./document-resolver.ts";

/** How documents are looked up and kept. All times are in seconds. */
export interface DocumentCacheOptions {
  readonly resolver: DocumentResolver;
  /** Use of a discovery document whose source says nothing. Default 3,600. */
  readonly discoveryAgeSeconds?: number;
  /** Least and longest use of a discovery document, whatever its source says. Default 60 and 86,400. */
  readonly minDiscoveryAgeSeconds?: number;
  readonly maxDiscoveryAgeSeconds?: number;
  /** Longest use of a revocation document, and its use when its source says nothing. Default 300. */
  readonly maxRevocationAgeSeconds?: number;
  /** How long a discovery document is used on when it cannot be fetched again. Default 3,600; a revocation document never is. */
  readonly maxStaleSeconds?: number;
  /** Least time between two look-ups because of unknown key ids. Default 30. */
  readonly refreshCooldownSeconds?: number;
  /** Issuers kept; the one that was not used for the longest time goes first. Default 1,000. */
  readonly maxIssuers?: number;
  /**
   * Look-ups in a minute, of issuers that are not known, that one caller may cause; more are refused, and may be tried again.
   * Default 30. Look-ups that are made for no caller are not counted.
   */
  readonly newIssuersPerMinute?: number;
  /** Look-ups at the same time; more are refused, and may be tried again. Default 16. */
  readonly maxConcurrent?: number;
  /** Whether DNS must confirm an issuer's keys. Default off. */
  readonly dns?: DnsPolicy;
  /** Default `Date`. */
  readonly clock?: Clock;
}

/** Options after their checks. */
export type DocumentCacheSettings = Required<DocumentCacheOptions>;

const DAY_SECONDS = 86_400;
const NAMES: readonly string[] = [
  "resolver",
  "discoveryAgeSeconds",
  "minDiscoveryAgeSeconds",
  "maxDiscoveryAgeSeconds",
  "maxRevocationAgeSeconds",
  "maxStaleSeconds",
  "refreshCooldownSeconds",
  "newIssuersPerMinute",
  "maxIssuers",
  "maxConcurrent",
  "dns",
  "clock",
];

/** @throws TypeError or RangeError naming the option. */
export function readDocumentCacheOptions(options: DocumentCacheOptions): DocumentCacheSettings {
  refuseUnknownOptions(options, NAMES);
  const { resolver, dns = { policy: "off" }, clock = Date } = options;
  if (typeof resolver?.fetchDiscovery !== "function")
    throw new TypeError("resolver must be a document resolver");
  if (!["off", "if-present", "require"].includes(dns.policy))
    throw new TypeError('dns.policy must be "off", "if-present" or "require"');
  const read = (name: keyof DocumentCacheOptions, fallback: number, min: number, max: number): number =>
    seconds(name, options[name] as number | undefined, fallback, min, max);
  const settings: DocumentCacheSettings = {
    resolver,
    dns,
    clock,
    discoveryAgeSeconds: read("discoveryAgeSeconds", 3_600, 1, DAY_SECONDS),
    minDiscoveryAgeSeconds: read("minDiscoveryAgeSeconds", 60, 0, DAY_SECONDS),
    maxDiscoveryAgeSeconds: read("maxDiscoveryAgeSeconds", DAY_SECONDS, 1, DAY_SECONDS),
    maxRevocationAgeSeconds: read("maxRevocationAgeSeconds", 300, 1, 3_600),
    maxStaleSeconds: read("maxStaleSeconds", 3_600, 0, DAY_SECONDS),
    refreshCooldownSeconds: read("refreshCooldownSeconds", 30, 1, 3_600),
    newIssuersPerMinute: read("newIssuersPerMinute", 30, 1, 100_000),
    maxIssuers: read("maxIssuers", 1_000, 1, 100_000),
    maxConcurrent: read("maxConcurrent", 16, 1, 1_000),
  };
  if (settings.minDiscoveryAgeSeconds > settings.maxDiscoveryAgeSeconds)
    throw new RangeError("minDiscoveryAgeSeconds must not be above maxDiscoveryAgeSeconds");
  return settings;
}
