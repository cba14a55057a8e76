import type { CheckedUrl, UrlPolicy } from "../check-url.ts";
import { NetError } from "../errors.ts";
import type { PreparedRequest } from "./request.ts";

/** More hops than this are refused whatever the caller allows. */
export const MAX_REDIRECTS = 3;

const STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What may be told to another origin; any other header may be a credential under its own name. */
const HARMLESS: ReadonlySet<string> = new Set(["accept", "accept-language", "user-agent"]);

/** Tells whether a response asks to go elsewhere. */
export function isRedirect(status: number, headers: ReadonlyMap<string, string>): boolean {
  return STATUSES.has(status) && headers.has("location");
}

/**
 * Judges one redirect: the new URL passes all the checks of the first one, and never leaves https.
 * @param followed redirects followed so far.
 * @throws NetError `NET_REDIRECT_REFUSED`, `NET_TOO_MANY_REDIRECTS` and the codes of `checkUrl`.
 */
export function checkRedirect(
  policy: UrlPolicy,
  from: CheckedUrl,
  location: string,
  hops: { readonly followed: number; readonly max: number },
): CheckedUrl {
  if (hops.max === 0) throw new NetError("NET_REDIRECT_REFUSED", "redirects are not followed");
  if (hops.followed >= hops.max)
    throw new NetError("NET_TOO_MANY_REDIRECTS", `more than ${hops.max} redirects`);
  const next = policy.checkUrl(absolute(location, from.url));
  if (from.secure && !next.secure)
    throw new NetError("NET_REDIRECT_REFUSED", "redirect leads from https to http");
  return next;
}

/** The request for the next hop: without a body, and without the caller's headers on another origin. */
export function redirectedRequest(
  request: PreparedRequest,
  from: CheckedUrl,
  to: CheckedUrl,
): PreparedRequest {
  if (from.url.origin === to.url.origin) return request;
  return { ...request, headers: new Map([...request.headers].filter(([name]) => HARMLESS.has(name))) };
}

function absolute(location: string, base: URL): string {
  try {
    return new URL(location, base).href;
  } catch {
    throw new NetError("NET_INVALID_URL", "redirect leads to something that is not a url");
  }
}
