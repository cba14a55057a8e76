import type { DiscoveryDocument, DiscoveryWarning } from "../discovery-document.ts";

/** What is known about a publisher now. */
export interface Publisher {
  readonly domain: string;
  readonly document: DiscoveryDocument;
  /** Every key that the domain revokes, or ever revoked: lower-case fingerprints. */
  readonly revoked: ReadonlySet<string>;
  readonly warnings: readonly PublisherWarning[];
}

/** Something about a publisher that its user should know. The last two occur in permissive mode only. */
export type PublisherWarning = DiscoveryWarning | "discovery_stale" | "revocation_unavailable";
