import { X509Certificate } from "node:crypto";
import { lookup as systemLookup } from "node:dns/promises";
import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import type { UrlCheckOptions } from "../check-url.ts";
import type { Lookup } from "./connect.ts";
import { MAX_REDIRECTS } from "./redirect.ts";

/** Limits and relaxations of a guarded fetch. */
export interface GuardedFetchOptions extends UrlCheckOptions {
  /** Time for the whole fetch, redirects and body included, 1 to 300,000 ms. Default 10,000. */
  readonly timeoutMs?: number;
  /** Time for name resolution, connection and handshake of one hop, 1 to 300,000 ms. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Largest response body in bytes, 0 to 64 MiB. Default 65,536. */
  readonly maxBytes?: number;
  /** Redirects to follow for GET and HEAD, 0 to 3. Default 0. */
  readonly maxRedirects?: number;
  /** Fetches that may run at the same time; more fail with `NET_BUSY`. Default 64. */
  readonly maxConcurrent?: number;
  /** Longest reuse of a response that states a `max-age`, in ms, up to one day. Default 0: no reuse. */
  readonly cacheMaxAgeMs?: number;
  /** How long a failure is answered from memory, 0 to 60,000 ms. Default 30,000. */
  readonly negativeTtlMs?: number;
  /** Responses kept, and separately failures kept, 0 to 10,000. Default 256. */
  readonly maxCacheEntries?: number;
  /** Extra certificate authorities in PEM, beside the ones built into the runtime. */
  readonly ca?: string | readonly string[];
  /** Resolver. Default the system's, hosts file included. */
  readonly lookup?: Lookup;
  /** Called once, when an address that is not public is first connected to because `dangerouslyAllow` says so. */
  readonly onDangerouslyAllowed?: () => void;
  /** Epoch milliseconds, for the two caches. Default `Date.now`. */
  readonly now?: () => number;
}

/** Checked options with their defaults. */
export interface Settings {
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxBytes: number;
  readonly maxRedirects: number;
  readonly maxConcurrent: number;
  readonly cacheMaxAgeMs: number;
  readonly negativeTtlMs: number;
  readonly maxCacheEntries: number;
  readonly secureContext: () => SecureContext;
  readonly lookup: Lookup;
  readonly onDangerouslyAllowed: () => void;
  readonly now: () => number;
}

const DAY_MS = 86_400_000;

/** @throws TypeError or RangeError naming the option. */
export function readSettings(options: GuardedFetchOptions): Settings {
  return {
    timeoutMs: integer("timeoutMs", options.timeoutMs ?? 10_000, 1, 300_000),
    connectTimeoutMs: integer("connectTimeoutMs", options.connectTimeoutMs ?? 5_000, 1, 300_000),
    maxBytes: integer("maxBytes", options.maxBytes ?? 65_536, 0, 67_108_864),
    maxRedirects: integer("maxRedirects", options.maxRedirects ?? 0, 0, MAX_REDIRECTS),
    maxConcurrent: integer("maxConcurrent", options.maxConcurrent ?? 64, 1, 10_000),
    cacheMaxAgeMs: integer("cacheMaxAgeMs", options.cacheMaxAgeMs ?? 0, 0, DAY_MS),
    negativeTtlMs: integer("negativeTtlMs", options.negativeTtlMs ?? 30_000, 0, 60_000),
    maxCacheEntries: integer("maxCacheEntries", options.maxCacheEntries ?? 256, 0, 10_000),
    secureContext: secureContext(options.ca),
    lookup: options.lookup ?? resolveAll,
    onDangerouslyAllowed: once(options.onDangerouslyAllowed),
    now: options.now ?? Date.now,
  };
}

function once(notify: (() => void) | undefined): () => void {
  let pending = notify;
  return () => {
    const call = pending;
    pending = undefined;
    call?.();
  };
}

function integer(option: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`${option} must be an integer from ${min} to ${max}, got ${String(value)}`);
}

/** One context for all connections, made on first use: loading the root certificates takes a while. */
function secureContext(extra: string | readonly string[] | undefined): () => SecureContext {
  const added = extra === undefined ? [] : [extra].flat();
  for (const pem of added) checkCertificate(pem);
  const ca = added.length === 0 ? {} : { ca: [...rootCertificates, ...added] };
  let context: SecureContext | undefined;
  return () => (context ??= createSecureContext({ minVersion: "TLSv1.2", ...ca }));
}

function checkCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new TypeError("ca must hold certificates in PEM", { cause });
  }
}

async function resolveAll(hostname: string): Promise<readonly string[]> {
  const answers = await systemLookup(hostname, { all: true });
  return answers.map(({ address }) => address);
}
