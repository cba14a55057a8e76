import { createJsonHandler, type ServedJson } from "@symbiont/net";
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
  const served = new Map<string, ServedJson>();
  served.set(DISCOVERY_PATH, {
    document: options.discovery,
    cacheControl: maxAge("discoveryMaxAgeSeconds", discoveryMaxAgeSeconds),
    lastModified: (document) => void parseDiscoveryDocument(document),
  });
  if (options.revocation !== undefined) {
    served.set(REVOCATION_PATH, {
      document: options.revocation,
      cacheControl: maxAge("revocationMaxAgeSeconds", revocationMaxAgeSeconds),
      lastModified: (document) => void parseRevocationDocument(document, domain),
    });
  }
  return createJsonHandler(served);
}

function maxAge(name: string, value: number): () => string {
  const cacheControl = `public, max-age=${seconds(name, value)}`;
  return () => cacheControl;
}

function seconds(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 0) return value;
  throw new RangeError(`${name} must be a count of seconds, got ${value}`);
}
