import { encodeUtf8, excerpt } from "@symbiont/kit";
import { isMediaTypePattern } from "./media-type.ts";

/** What to send, and what to expect back. */
export interface GuardedRequest {
  /** Default `GET`. */
  readonly method?: string;
  /** Headers that describe the connection (`host`, `connection`, `accept-encoding` …) are refused. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /**
   * Content types that a 2xx response may have, for example `["application/json", "application/*+json"]`. Sent as
   * the `accept` header unless one is given. Default any.
   */
  readonly accept?: readonly string[];
  /** Ends the fetch with `NET_ABORTED`. */
  readonly signal?: AbortSignal;
  /** Ask the server although a cached response is fresh. Default false. */
  readonly reload?: boolean;
}

/** A request whose parts have been checked. */
export interface PreparedRequest {
  readonly method: string;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array | undefined;
  readonly accept: readonly string[];
}

const METHOD = /^[A-Z]{1,20}$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const BODILESS: ReadonlySet<string> = new Set(["GET", "HEAD"]);
const REFUSED_METHODS: ReadonlySet<string> = new Set(["CONNECT", "TRACE"]);
const REFUSED_HEADERS: ReadonlySet<string> = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Checks a request's parts.
 * @throws TypeError naming the part; header values are never shown.
 */
export function prepareRequest(request: GuardedRequest): PreparedRequest {
  const method = request.method ?? "GET";
  if (!METHOD.test(method) || REFUSED_METHODS.has(method))
    throw new TypeError("method must be an upper-case HTTP method other than CONNECT and TRACE");
  if (request.body !== undefined && BODILESS.has(method))
    throw new TypeError(`body must not be given with ${method}`);
  const accept = request.accept ?? [];
  for (const type of accept)
    if (!isMediaTypePattern(type))
      throw new TypeError('accept must hold lower-case types such as "application/json"');

  const headers = new Map<string, string>();
  const exact = accept.filter((type) => !type.includes("*"));
  if (exact.length > 0) headers.set("accept", exact.join(", "));
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    const lower = name.toLowerCase();
    if (!NAME.test(lower) || REFUSED_HEADERS.has(lower))
      throw new TypeError(`header ${excerpt(name)} must not be set`);
    if (typeof value !== "string" || !VALUE.test(value))
      throw new TypeError(`header ${excerpt(name)} must be text without control characters`);
    headers.set(lower, value);
  }
  const body = typeof request.body === "string" ? encodeUtf8(request.body) : request.body;
  return { method, headers, body, accept };
}

/**
 * Gives the key under which equal requests may share one answer, or undefined when they may not: only a GET
 * whose headers say nothing about who is asking is the same request for everybody.
 */
export function shareKey(url: URL, request: PreparedRequest): string | undefined {
  if (request.method !== "GET") return undefined;
  for (const name of request.headers.keys()) if (!SHAREABLE_HEADERS.has(name)) return undefined;
  const headers = [...SHAREABLE_HEADERS].map((name) => request.headers.get(name) ?? null);
  return JSON.stringify([url.href, headers, request.accept]);
}

const SHAREABLE_HEADERS: ReadonlySet<string> = new Set([
  "accept",
  "accept-language",
  "if-none-match",
  "user-agent",
]);
