import { parseDiscoveryDocument, parseRevocationDocument } from "../discovery-document.ts";
import type { Publisher } from "./publisher.ts";
import type { PublisherSource } from "./publisher-source.ts";

/** A publisher's documents, or where they are found. */
export interface PublisherOptions {
  /** The publisher's domain, as the operator knows it. */
  readonly domain: string;
  /** Parsed JSON of the domain's discovery document. Either this or `publishers` is required. */
  readonly discovery?: unknown;
  /** Parsed JSON of the domain's standalone revocation document, when it has one. Goes with `discovery`. */
  readonly revocation?: unknown;
  /** Looks the domain's documents up, and remembers what was revoked. */
  readonly publishers?: PublisherSource;
}

/** Gives what is known about a publisher, by documents as they are or by looking it up. */
export async function publisherOf(options: PublisherOptions): Promise<Publisher> {
  const { domain, discovery, revocation, publishers } = options;
  if (publishers !== undefined) {
    if (discovery !== undefined || revocation !== undefined)
      throw new TypeError("give documents or publishers, not both");
    return publishers.publisher(domain);
  }
  const document = parseDiscoveryDocument(discovery);
  const listed = revocation === undefined ? [] : parseRevocationDocument(revocation, domain);
  return {
    domain,
    document,
    revoked: new Set([...document.revokedKeys, ...listed]),
    warnings: document.warnings,
  };
}
