import { ApiKeyError } from "./errors.ts";

/** Headers as `fetch` has them, or as Node's `rawHeaders`: names and values in turn. */
export type HeaderSource = { get(name: string): string | null } | readonly string[];

/** Where a token may stand. */
export interface TokenHeaderOptions {
  /** A header that holds nothing but the token, or `false` for none. Default `"x-api-key"`. */
  readonly header?: string | false;
}

const BEARER = /^bearer (.*)$/i;
const SCHEME = /^bearer(?![!#$%&'*+\-.^_`|~0-9a-z])/i;
/** No comma: that is how two values of one header arrive. */
const TOKEN = /^[\x21-\x2b\x2d-\x7e]{1,512}$/;

/**
 * Takes the token out of a request: `Authorization: Bearer <token>` (scheme in any case, exactly one space), or
 * the extra header. Exactly one token, or none at all; the query string is never looked at, because it is logged.
 *
 * Pass `rawHeaders` on Node: `headers` keeps the first of two `Authorization` fields and hides the other.
 * @throws ApiKeyError `API_KEY_MISSING`, `API_KEY_HEADER_INVALID`.
 * @see RFC 6750 section 2.1
 */
export function tokenFromHeaders(headers: HeaderSource, options: TokenHeaderOptions = {}): string {
  const { header = "x-api-key" } = options;
  const authorization = valuesOf(headers, "authorization");
  const extra = header === false ? [] : valuesOf(headers, header.toLowerCase());
  if (authorization.length > 1 || extra.length > 1) throw invalid("a credential header is repeated");
  const bearer =
    authorization[0] !== undefined && SCHEME.test(authorization[0]) ? authorization[0] : undefined;
  if (bearer !== undefined && extra[0] !== undefined) throw invalid("there is more than one credential");
  const token = bearer === undefined ? extra[0] : BEARER.exec(bearer)?.[1];
  if (bearer === undefined && token === undefined)
    throw new ApiKeyError("API_KEY_MISSING", "the request carries no API key");
  if (token === undefined || !TOKEN.test(token)) throw invalid("the credential header is malformed");
  return token;
}

/** Every value of a header, in order; `Headers` has put them together already. */
export function valuesOf(headers: HeaderSource, name: string): readonly string[] {
  if ("get" in headers) {
    const value = headers.get(name);
    return value === null ? [] : [value];
  }
  const values: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) values.push(headers[index + 1] as string);
  }
  return values;
}

function invalid(why: string): ApiKeyError {
  return new ApiKeyError("API_KEY_HEADER_INVALID", why);
}
