import { sha256Hex } from "@symbiont/keys";
import { canonicalJson } from "@symbiont/kit";
import { domainName } from "../discovery/domain-name.ts";
import { parseDiscoveryDocument, parseRevocationDocument } from "../discovery-document.ts";

/** Paths of the documents. */
export const DISCOVERY_PATH = "/.well-known/schemapin.json";
/** The usual path of the revocation document; its address is the `revocation_endpoint`. */
export const REVOCATION_PATH = "/.well-known/schemapin-revocations.json";

/** What is served. A function is asked at every request, so that what it gives may change. */
export interface WellKnownHandlerOptions {
  readonly domain: string;
  readonly discovery: object | (() => object | Promise<object>);
  /** Default none: the path answers 404. */
  readonly revocation?: object | (() => object | Promise<object>);
  /** How long clients may keep the discovery document, in seconds. Default 3,600. */
  readonly discoveryMaxAgeSeconds?: number;
  /** How long clients may keep the revocation document, in seconds. Default 300. */
  readonly revocationMaxAgeSeconds?: number;
}

interface Served {
  readonly document: object | (() => object | Promise<object>);
  readonly check: (document: object) => unknown;
  readonly maxAgeSeconds: number;
}

/**
 * Builds a handler that serves a publisher's documents. A document that is not valid is not served: the handler
 * rejects with what reading it throws.
 *
 * @throws SchemaPinError `SCHEMAPIN_DOMAIN_INVALID`; RangeError for an age that is none.
 */
export function createWellKnownHandler(
  options: WellKnownHandlerOptions,
): (request: Request) => Promise<Response> {
  const domain = domainName(options.domain);
  const { discoveryMaxAgeSeconds = 3_600, revocationMaxAgeSeconds = 300 } = options;
  const served = new Map<string, Served>();
  served.set(DISCOVERY_PATH, {
    document: options.discovery,
    check: parseDiscoveryDocument,
    maxAgeSeconds: seconds("discoveryMaxAgeSeconds", discoveryMaxAgeSeconds),
  });
  if (options.revocation !== undefined) {
    served.set(REVOCATION_PATH, {
      document: options.revocation,
      check: (document) => parseRevocationDocument(document, domain),
      maxAgeSeconds: seconds("revocationMaxAgeSeconds", revocationMaxAgeSeconds),
    });
  }
  return async (request) => {
    const found = served.get(new URL(request.url).pathname);
    if (found === undefined) return new Response(null, { status: 404 });
    if (request.method !== "GET" && request.method !== "HEAD")
      return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
    return answer(request, found);
  };
}

async function answer(request: Request, { document, check, maxAgeSeconds }: Served): Promise<Response> {
  const current = typeof document === "function" ? await (document as () => Promise<object>)() : document;
  check(current);
  const body = canonicalJson(current);
  const etag = `"${sha256Hex(body)}"`;
  const headers = {
    "access-control-allow-origin": "*",
    "cache-control": `public, max-age=${maxAgeSeconds}`,
    "content-type": "application/json",
    "x-content-type-options": "nosniff",
    etag,
  };
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  return new Response(request.method === "HEAD" ? null : body, { headers });
}

function seconds(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 0) return value;
  throw new RangeError(`${name} must be a count of seconds, got ${value}`);
}
