import type { Socket } from "node:net";
import { type CheckedUrl, createUrlPolicy } from "../check-url.ts";
import { NetError, type NetErrorCode } from "../errors.ts";
import { openConnection } from "./connect.ts";
import { abortError, startDeadline } from "./deadline.ts";
import { exchange, type GuardedResponse } from "./exchange.ts";
import { ExpiringMap } from "./expiring-map.ts";
import { freshnessMs } from "./freshness.ts";
import { type GuardedFetchOptions, readSettings } from "./options.ts";
import { checkRedirect, isRedirect, redirectedRequest } from "./redirect.ts";
import { type GuardedRequest, type PreparedRequest, prepareRequest, shareKey } from "./request.ts";
import { SingleFlight } from "./single-flight.ts";

/** Fetches a URL that somebody else chose. Any HTTP status is an answer; only a missing answer throws. */
export type GuardedFetch = (url: string | URL, request?: GuardedRequest) => Promise<GuardedResponse>;

interface Failure {
  readonly code: NetErrorCode;
  readonly message: string;
}

/**
 * Builds a fetch for URLs that cannot be trusted: it reaches only the public internet, over verified https, and
 * costs a bounded amount of time and memory whatever the other side does.
 *
 * Names are resolved once per hop and refused unless all answers are public; the connection goes to one of those
 * very addresses, so a name that changes its mind gains nothing. Proxy and TLS settings of the environment are
 * not consulted. Equal GETs run once at a time, and failures are remembered for a short while.
 *
 * @throws TypeError or RangeError for a wrong option. The fetch itself throws `NetError`, and TypeError for a
 * request that is wrong in itself.
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const settings = readSettings(options);
  const policy = createUrlPolicy(options);
  const responses = new ExpiringMap<GuardedResponse>(settings.maxCacheEntries, settings.now);
  const failures = new ExpiringMap<Failure>(settings.maxCacheEntries, settings.now);
  const flights = new SingleFlight<GuardedResponse>();
  let running = 0;

  return async (url, init = {}) => {
    const request = prepareRequest(init);
    const target = policy.checkUrl(url);
    if (init.signal?.aborted) throw abortError(init.signal);
    const key = shareKey(target.url, request);
    if (key === undefined) return run(target, request, init.signal);

    const cached = init.reload === true ? undefined : responses.get(key);
    if (cached !== undefined) return ownCopy(cached);
    throwIfFailed(key);
    return ownCopy(await flights.join(key, init.signal, (signal) => runShared(key, target, request, signal)));
  };

  async function runShared(
    key: string,
    target: CheckedUrl,
    request: PreparedRequest,
    signal: AbortSignal,
  ): Promise<GuardedResponse> {
    try {
      const response = await run(target, request, signal);
      responses.set(key, response, freshnessMs(response.status, response.headers, settings.cacheMaxAgeMs));
      return response;
    } catch (error) {
      remember(key, error);
      throw error;
    }
  }

  async function run(
    target: CheckedUrl,
    request: PreparedRequest,
    outer?: AbortSignal,
  ): Promise<GuardedResponse> {
    if (running >= settings.maxConcurrent) throw new NetError("NET_BUSY", "too many fetches are running");
    running += 1;
    const { signal, clear } = startDeadline(settings.timeoutMs, "fetch", outer);
    try {
      return await followHops(target, request, signal);
    } finally {
      clear();
      running -= 1;
    }
  }

  async function followHops(
    target: CheckedUrl,
    request: PreparedRequest,
    signal: AbortSignal,
  ): Promise<GuardedResponse> {
    // A redirected POST would carry its body to a place that the caller did not name.
    const max = request.method === "GET" || request.method === "HEAD" ? settings.maxRedirects : 0;
    for (let followed = 0; ; followed += 1) {
      const socket = await open(target, signal);
      const response = await exchange(socket, target, request, settings.maxBytes, signal);
      if (!isRedirect(response.status, response.headers)) return response;
      const next = checkRedirect(policy, target, response.headers.get("location") ?? "", { followed, max });
      request = redirectedRequest(request, target, next);
      target = next;
    }
  }

  /** A host that cannot be reached is not tried again for a while, whatever is wanted from it. */
  async function open(target: CheckedUrl, signal: AbortSignal): Promise<Socket> {
    throwIfFailed(target.url.origin);
    try {
      return await openConnection(target, { ...settings, policy }, signal);
    } catch (error) {
      // Cut short from outside says nothing about the host.
      if (!signal.aborted) remember(target.url.origin, error);
      throw error;
    }
  }

  function remember(key: string, error: unknown): void {
    if (!(error instanceof NetError) || error.code === "NET_ABORTED" || error.code === "NET_BUSY") return;
    failures.set(key, { code: error.code, message: error.message }, settings.negativeTtlMs);
  }

  function throwIfFailed(key: string): void {
    const failure = failures.get(key);
    if (failure !== undefined) throw new NetError(failure.code, failure.message);
  }
}

/** Callers that share an answer must not be able to change it for each other. */
function ownCopy(response: GuardedResponse): GuardedResponse {
  return { ...response, headers: new Map(response.headers), body: response.body.slice() };
}
