import { NetError, type NetErrorCode } from "@symbiont/net";
import { freshnessMs, type GuardedFetch } from "@symbiont/net/guarded-fetch";
import { AgentPinError } from "../agentpin-error.ts";
import { checkIssuerName, discoveryUrl, revocationUrl } from "../documents/issuer-name.ts";
import { parseDocumentText } from "../documents/parse-document-text.ts";
import type { DocumentResolver, FetchedDocument } from "./document-resolver.ts";
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
  async fetchDiscovery(issuer: string): Promise<FetchedDocument> {
    return this.#get(discoveryUrl(issuer), 3);
  }

  /** @throws AgentPinError `AGENTPIN_DISCOVERY_FETCH_FAILED`, `AGENTPIN_DISCOVERY_INVALID` */
  async fetchRevocation(issuer: string, endpoint: string | undefined): Promise<FetchedDocument> {
    return this.#get(revocationUrl(issuer, endpoint, this.#revocationHosts), 6);
  }

  async #get(url: string, step: number): Promise<FetchedDocument> {
    const { status, headers, body } = await this.#ask(url, step);
    if (status !== 200) throw failed("http_status", step, status === 429 || status >= 500);
    // After the status: what an error page is made of does not matter.
    if (!JSON_TYPE.test(headers.get("content-type") ?? "")) throw failed("content_type", step, false);
    const stated = headers.has("cache-control");
    return {
      document: parseDocumentText(body),
      ...(stated ? { maxAgeSeconds: freshnessMs(status, headers, DAY_MS) / 1000 } : {}),
    };
  }

  async #ask(url: string, step: number): ReturnType<GuardedFetch> {
    try {
      return await this.#fetch(url, { headers: { accept: ACCEPT } });
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
