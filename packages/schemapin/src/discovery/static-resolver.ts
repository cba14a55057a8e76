import {
  type DiscoveryDocument,
  parseDiscoveryDocument,
  parseRevocationDocument,
} from "../discovery-document.ts";
import type { DocumentResolver, Resolution } from "./document-resolver.ts";
import { domainName } from "./domain-name.ts";

/** The documents of one publisher, as the operator holds them. */
export interface StaticDocuments {
  readonly domain: string;
  /** Parsed JSON of the discovery document. */
  readonly discovery: unknown;
  /** Parsed JSON of the standalone revocation document. Default none. */
  readonly revocation?: unknown;
}

/** Knows one publisher, by documents that do not change. */
export class StaticResolver implements DocumentResolver {
  readonly #domain: string;
  readonly #discovery: DiscoveryDocument;
  readonly #revoked: ReadonlySet<string> | undefined;

  /**
   * @throws SchemaPinError `SCHEMAPIN_DOMAIN_INVALID`, `SCHEMAPIN_DISCOVERY_INVALID`, `SCHEMAPIN_KEY_NOT_FOUND`,
   * `SCHEMAPIN_DOMAIN_MISMATCH`
   */
  constructor({ domain, discovery, revocation }: StaticDocuments) {
    this.#domain = domainName(domain);
    this.#discovery = parseDiscoveryDocument(discovery);
    this.#revoked = revocation === undefined ? undefined : parseRevocationDocument(revocation, this.#domain);
  }

  async resolveDiscovery(domain: string): Promise<Resolution<DiscoveryDocument>> {
    return this.#answer(domain, this.#discovery);
  }

  async resolveRevocation(domain: string): Promise<Resolution<ReadonlySet<string>>> {
    return this.#answer(domain, this.#revoked);
  }

  #answer<T>(domain: string, document: T | undefined): Resolution<T> {
    if (domain !== this.#domain || document === undefined) return { status: "absent" };
    return { status: "ok", document, maxAgeMs: Number.POSITIVE_INFINITY };
  }
}
