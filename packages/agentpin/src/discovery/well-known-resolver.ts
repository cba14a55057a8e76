import { NetError, type NetErrorCode } from "@symbiont/net";
import { freshnessMs, type GuardedFetch } from "@symbiont/net/guarded-fetch";
import { AgentPinError } from "../agentpin-error.ts";
import { checkIssuerName, discoveryUrl, revocationUrl } from "../documents/issuer-name.ts";
import { parseDocumentText } from "../documents/parse-document-text.ts";
import type { DocumentResolver, FetchedDocument, UnchangedDocument } from "./document-resolver.ts";
import { createIssuerFetch } from "./issuer-fetch.ts";

export { createIssuerFetch } from "./issuer-fetch.ts";

/** How documents are fetched. */
export interface WellKnownResolverOptions {
  /** Default `createIssuerFetch()`. It must not cache: how long a document counts is decided by the `DocumentCache`. */
  readonly fetch?: GuardedFetch;
  /** Hosts, beside the issuer's own, that a `revocation_endpoint` may name. Default none. */
  readonly revocationHosts?: readonly string[];
}

const ACCEPT = "application/json, application/*+json";
const JSON_TYPE = /^application\/(?:[a-z0-9!#$&^_.-]+\+)?json[ \t]*(?:;|$)/i;
/** @see RFC 9110 section 8.8.3 */
const ETAG = /^(?:W\/)?"[\x21\x23-\x7e]{0,256}"$/;
const DAY_MS = 86_400_000;
const REASONS: Readonly<Partial<Record<NetErrorCode, string>>> = {
  NET_SCHEME_NOT_ALLOWED: "scheme",
  NET_HOST_NOT_ALLOWED: "address",
  NET_IP_NOT_PUBLIC: "address",
  NET_DNS_NOT_PUBLIC: "address",
  NET_DNS_FAILED: "dns",
  NET_CONNECT_FAILED: "connect",
  NET_PEER_MISMATCH: "tls",
  NET_TLS_FAILED: "tls",
  NET_REDIRECT_REFUSED: "redirect",
  NET_TOO_MANY_REDIRECTS: "redirect",
  NET_CONTENT_ENCODING_NOT_ALLOWED: "content_encoding",
  NET_TOO_LARGE: "too_large",
  NET_TIMEOUT: "timeout",
};

/** Fetches documents from where the protocol puts them: `https://<issuer>/.well-known/agent-identity.json`. */
export class WellKnownResolver implements DocumentResolver {
  readonly #fetch: GuardedFetch;
  readonly #revocationHosts: readonly string[];

  /** @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID` for a host that is no name. */
  constructor(options: WellKnownResolverOptions = {}) {
    this.#fetch = options.fetch ?? createIssuerFetch();
    this.#revocationHosts = (options.revocationHosts ?? []).map(checkIssuerName);
  }

  /** @throws AgentPinError `AGENTPIN_DISCOVERY_FETCH_FAILED`, `AGENTPIN_DISCOVERY_INVALID` */
  async fetchDiscovery(issuer: string, etag?: string): Promise<FetchedDocument | UnchangedDocument> {
    return this.#get(discoveryUrl(issuer), etag, 3);
  }

  /** @throws AgentPinError `AGENTPIN_DISCOVERY_FETCH_FAILED`, `AGENTPIN_DISCOVERY_INVALID` */
  async fetchRevocation(
    issuer: string,
    endpoint: string | undefined,
    etag?: string,
  ): Promise<FetchedDocument | UnchangedDocument> {
    return this.#get(revocationUrl(issuer, endpoint, this.#revocationHosts), etag, 6);
  }

  async #get(
    url: string,
    known: string | undefined,
    step: number,
  ): Promise<FetchedDocument | UnchangedDocument> {
    const { status, headers, body } = await this.#ask(url, known, step);
    const stated = headers.has("cache-control");
    const age = stated ? { maxAgeSeconds: freshnessMs(200, headers, DAY_MS) / 1000 } : {};
    // An answer to a question that was not asked is none.
    if (status === 304 && known !== undefined) return { unchanged: true, ...age };
    if (status !== 200) throw failed("http_status", step, status === 429 || status >= 500);
    // After the status: what an error page is made of does not matter.
    if (!JSON_TYPE.test(headers.get("content-type") ?? "")) throw failed("content_type", step, false);
    const etag = headers.get("etag");
    const document = parseDocumentText(body);
    return { document, ...age, ...(etag !== undefined && ETAG.test(etag) ? { etag } : {}) };
  }

  async #ask(url: string, etag: string | undefined, step: number): ReturnType<GuardedFetch> {
    const condition = etag === undefined ? {} : { "if-none-match": etag };
    try {
      return await this.#fetch(url, { headers: { accept: ACCEPT, ...condition } });
    } catch (cause) {
      const known = NetError.is(cause);
      throw failed((known && REASONS[cause.code]) || "network", step, !known || cause.retryable, cause);
    }
  }
}

/** Only what may be otherwise next time lets a document that is known be used on. */
function failed(reason: string, step: number, retryable: boolean, cause?: unknown): AgentPinError {
  return new AgentPinError("AGENTPIN_DISCOVERY_FETCH_FAILED", `document cannot be fetched: ${reason}`, {
    reason,
    step,
    retryable,
    ...(cause === undefined ? {} : { cause }),
  });
}
