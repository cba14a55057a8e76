import type { HeaderPairs } from "./refusal.ts";

const MAX_LENGTH = 16_384;
const BARE = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * The one credential of a request: an `Authorization` line with the scheme in any case, one space, and the
 * characters that a token may have; or the extra header with nothing but those. Anything else, and two lines of
 * either kind, counts as no credential. @see RFC 6750 section 2.1, RFC 9110 section 11.1
 * @param extraHeader in lower case.
 */
export function credentialOf(
  headers: HeaderPairs,
  extraHeader: string | undefined,
  scheme: string,
): string | undefined {
  let found: { readonly value: string; readonly bare: boolean } | undefined;
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (lower !== "authorization" && lower !== extraHeader) continue;
    if (found !== undefined) return undefined;
    found = { value, bare: lower !== "authorization" };
  }
  if (found === undefined || found.value.length > MAX_LENGTH) return undefined;
  const token = found.bare ? found.value : withoutScheme(found.value, `${scheme} `);
  return token !== undefined && BARE.test(token) ? token : undefined;
}

function withoutScheme(value: string, start: string): string | undefined {
  return value.slice(0, start.length).toLowerCase() === start.toLowerCase()
    ? value.slice(start.length)
    : undefined;
}
