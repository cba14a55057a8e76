import { canonicalJson, encodeHex, encodeUtf8 } from "@symbiont/kit";

/** A document, or a function that is asked for it at every request. */
export type JsonSource = object | (() => object | Promise<object>);

/** A JSON document at a path. */
export interface ServedJson {
  readonly document: JsonSource;
  /** Value of the `Cache-Control` header. */
  readonly cacheControl: () => string;
  /**
   * Checks the document before it is served: what it throws, the handler rejects with. Gives the `Last-Modified` time in
   * epoch milliseconds, or undefined for none.
   */
  readonly lastModified: (document: object) => number | undefined;
}

/**
 * Builds a handler that serves public JSON documents by their path: GET and HEAD, an `ETag` and 304, any origin may read.
 * @see RFC 9110 section 8.8
 */
export function createJsonHandler(
  documents: ReadonlyMap<string, ServedJson>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const served = documents.get(new URL(request.url).pathname);
    if (served === undefined) return new Response(null, { status: 404 });
    if (request.method !== "GET" && request.method !== "HEAD")
      return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
    return answer(request, served);
  };
}

async function answer(
  request: Request,
  { document, cacheControl, lastModified }: ServedJson,
): Promise<Response> {
  const current = typeof document === "function" ? await (document as () => Promise<object>)() : document;
  const modified = lastModified(current);
  const body = canonicalJson(current);
  const digest = await crypto.subtle.digest("SHA-256", encodeUtf8(body));
  const etag = `"${encodeHex(new Uint8Array(digest))}"`;
  const headers = {
    "access-control-allow-origin": "*",
    "cache-control": cacheControl(),
    "content-type": "application/json",
    "x-content-type-options": "nosniff",
    etag,
    ...(modified === undefined ? {} : { "last-modified": new Date(modified).toUTCString() }),
  };
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  return new Response(request.method === "HEAD" ? null : body, { headers });
}
