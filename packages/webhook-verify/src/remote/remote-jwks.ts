import { parseJson } from "@symbiont/kit";
import { createGuardedFetch } from "@symbiont/net/guarded-fetch";
import type { Jwk } from "../jwt/jwt-key.ts";
import type { JwksSource } from "../jwt/jwt-preset.ts";
import type { FetchDocument } from "./fetch-document.ts";

/** Options of {@link createRemoteJwks}. */
export interface RemoteJwksOptions {
  /** Where the set is published. */
  readonly url: string;
  /** Default a guarded fetch, which reaches nothing but the public internet over https. */
  readonly fetch?: FetchDocument;
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

type JwkSet = { readonly keys: readonly Jwk[] };

const MIN_AGE_MS = 600_000;
const DAY_MS = 86_400_000;
const MIN_REFRESH_MS = 60_000;
const MAX_KEYS = 100;

/**
 * A JWK set behind a URL, kept for as long as `cache-control` says, within ten minutes and a day. A key id that
 * the set lacks makes it fetch again, at most once a minute. When a fetch fails, the last set serves for up to a
 * day after it was fetched.
 */
export function createRemoteJwks(options: RemoteJwksOptions): JwksSource {
  return new RemoteJwks(options);
}

class RemoteJwks implements JwksSource {
  readonly #url: string;
  readonly #fetch: FetchDocument;
  readonly #now: () => number;
  #held: { readonly set: JwkSet; readonly fetchedMs: number; readonly freshUntilMs: number } | undefined;
  #attemptedMs = Number.NEGATIVE_INFINITY;
  #flight: Promise<JwkSet> | undefined;

  constructor({ url, fetch = createGuardedFetch(), now = Date.now }: RemoteJwksOptions) {
    this.#url = url;
    this.#fetch = fetch;
    this.#now = now;
  }

  async jwks(kid: string | undefined): Promise<JwkSet> {
    const nowMs = this.#now();
    const held = this.#held;
    if (held === undefined) return this.#refresh();
    const isKnown =
      kid === undefined || held.set.keys.some((key) => key.kid === kid || key.kid === undefined);
    const isServable = nowMs < held.fetchedMs + DAY_MS;
    const mustWait = nowMs < this.#attemptedMs + MIN_REFRESH_MS;
    if (isServable && (mustWait || (isKnown && nowMs < held.freshUntilMs))) return held.set;
    try {
      return await this.#refresh();
    } catch (error) {
      if (isServable) return held.set;
      throw error;
    }
  }

  /** One fetch at a time, whoever asks. */
  #refresh(): Promise<JwkSet> {
    this.#flight ??= this.#load().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #load(): Promise<JwkSet> {
    this.#attemptedMs = this.#now();
    const { status, headers, body } = await this.#fetch(this.#url);
    if (status !== 200) throw new Error(`JWK set answered with status ${status}`);
    const set = readSet(body);
    const nowMs = this.#now();
    this.#held = {
      set,
      fetchedMs: nowMs,
      freshUntilMs: nowMs + lifetimeMs(headers.get("cache-control") ?? ""),
    };
    return set;
  }
}

function readSet(body: Uint8Array): JwkSet {
  const { keys } = parseJson(body, { maxDepth: 8 }) as { readonly keys?: unknown };
  if (!Array.isArray(keys) || keys.length > MAX_KEYS)
    throw new Error(`JWK set is not a list of at most ${MAX_KEYS} keys`);
  return { keys: keys.filter((key) => typeof key === "object" && key !== null) as Jwk[] };
}

function lifetimeMs(cacheControl: string): number {
  const seconds = /(?:^|[\s,])max-age=([0-9]{1,10})(?:$|[\s,])/i.exec(cacheControl)?.[1];
  return Math.min(DAY_MS, Math.max(MIN_AGE_MS, Number(seconds ?? 0) * 1000));
}
