/** A document as it was found. */
export interface FetchedDocument {
  /** Parsed JSON, not yet checked. */
  readonly document: unknown;
  /** How long its source lets it be used, in seconds. Default: it does not say. */
  readonly maxAgeSeconds?: number;
}

/** Finds the documents of issuers. Rejects with an `AgentPinError` when it cannot. */
export interface DocumentResolver {
  fetchDiscovery(issuer: string): Promise<FetchedDocument>;
  /** @param endpoint the address that the issuer's discovery document gives. */
  fetchRevocation(issuer: string, endpoint: string | undefined): Promise<FetchedDocument>;
}
