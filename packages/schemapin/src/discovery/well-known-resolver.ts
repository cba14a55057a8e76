import { NetError, type NetErrorCode } from "@symbiont/net";
import { createGuardedFetch, freshnessMs, type GuardedFetch } from "@symbiont/net/guarded-fetch";
import {
  type DiscoveryDocument,
  parseDiscoveryDocument,
  parseRevocationDocument,
} from "../discovery-document.ts";
import { SchemaPinError } from "../schemapin-error.ts";
import {
  type DocumentResolver,
  type Resolution,
  readResolution,
  type Unresolved,
} from "./document-resolver.ts";
import { discoveryUrl, domainName } from "./domain-name.ts";
import { MAX_DOCUMENT_BYTES, parseDocument } from "./parse-document.ts";
import { revocationUrl } from "./revocation-url.ts";

/** How documents are fetched. */
export interface WellKnownResolverOptions {
  /**
   * Default a guarded fetch: verified https, public addresses only, no redirects, 10 seconds, 64 KiB. It must not
   * cache: how long a document counts is decided by who uses it.
   */
  readonly fetch?: GuardedFetch;
  /** Hosts, beside the domain's own, that a `revocation_endpoint` may name. Default none. */
  readonly revocationHosts?: readonly string[];
}

const DAY_MS = 86_400_000;
/** The other side answered, or is, something that is not allowed: nobody else is asked in its place. */
const REFUSED: ReadonlySet<NetErrorCode> = new Set<NetErrorCode>([
  "NET_HOST_NOT_ALLOWED",
  "NET_IP_NOT_PUBLIC",
  "NET_DNS_NOT_PUBLIC",
  "NET_REDIRECT_REFUSED",
  "NET_TOO_MANY_REDIRECTS",
  "NET_CONTENT_TYPE_NOT_ALLOWED",
  "NET_CONTENT_ENCODING_NOT_ALLOWED",
  "NET_TOO_LARGE",
]);

/** Fetches documents from where the protocol puts them: `https://<domain>/.well-known/schemapin.json`. */
export class WellKnownResolver implements DocumentResolver {
  readonly #fetch: GuardedFetch;
  readonly #revocationHosts: readonly string[];

  /** @throws SchemaPinError `SCHEMAPIN_DOMAIN_INVALID` for a host that is no name. */
  constructor(options: WellKnownResolverOptions = {}) {
    this.#fetch = options.fetch ?? createGuardedFetch({ maxBytes: MAX_DOCUMENT_BYTES });
    this.#revocationHosts = (options.revocationHosts ?? []).map(domainName);
  }

  async resolveDiscovery(domain: string): Promise<Resolution<DiscoveryDocument>> {
    return this.#get(() => discoveryUrl(domain), parseDiscoveryDocument);
  }

  /** An endpoint that has no document is `unavailable`: the publisher says that there is one. */
  async resolveRevocation(
    domain: string,
    { revocationEndpoint }: DiscoveryDocument,
  ): Promise<Resolution<ReadonlySet<string>>> {
    if (revocationEndpoint === undefined) return { status: "absent" };
    const answer = await this.#get(
      () => revocationUrl(revocationEndpoint, domain, this.#revocationHosts),
      (document) => parseRevocationDocument(document, domainName(domain)),
    );
    return answer.status === "absent" ? unavailable("the endpoint has no document") : answer;
  }

  async #get<T>(address: () => string, read: (document: unknown) => T): Promise<Resolution<T>> {
    const url = readResolution(address);
    if (url.status !== "ok") return url;
    try {
      const { status, headers, body } = await this.#fetch(url.document, { accept: ["application/json"] });
      if (status === 404 || status === 410) return { status: "absent" };
      if (status !== 200) return unavailable(`the server answered with status ${status}`);
      const maxAgeMs = freshnessMs(status, headers, DAY_MS);
      return readResolution(() => read(parseDocument(body)), maxAgeMs);
    } catch (cause) {
      if (NetError.is(cause) && REFUSED.has(cause.code)) return refused(cause);
      return unavailable("the server cannot be reached", cause);
    }
  }
}

function refused(cause: NetError): Unresolved {
  const message = `the answer must not be used: ${cause.reason}`;
  return { status: "invalid", error: new SchemaPinError("SCHEMAPIN_DISCOVERY_INVALID", message, { cause }) };
}

function unavailable(why: string, cause?: unknown): Unresolved {
  const options = { ...(cause === undefined ? {} : { cause }), retryable: true };
  return {
    status: "unavailable",
    error: new SchemaPinError("SCHEMAPIN_DISCOVERY_FETCH_FAILED", why, options),
  };
}
