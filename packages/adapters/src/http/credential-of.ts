import type { HeaderPairs } from "./refusal.ts";

const MAX_LENGTH = 16_384;
const BEARER = /^bearer ([A-Za-z0-9._~+/-]+=*)$/i;
const BARE = /^([A-Za-z0-9._~+/-]+=*)$/;

/**
 * The one credential of a request: an `Authorization` line with the scheme in any case, one space, and the
 * characters that a token may have; or the extra header with nothing but those. Anything else, and two lines of
 * either kind, counts as no credential. @see RFC 6750 section 2.1
 * @param extraHeader in lower case.
 */
export function credentialOf(headers: HeaderPairs, extraHeader: string | undefined): string | undefined {
  let found: { readonly value: string; readonly shape: RegExp } | undefined;
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower !== "authorization" && lower !== extraHeader) continue;
    if (found !== undefined) return undefined;
    found = { value, shape: lower === "authorization" ? BEARER : BARE };
  }
  if (found === undefined || found.value.length > MAX_LENGTH) return undefined;
  return found.shape.exec(found.value)?.[1];
}
