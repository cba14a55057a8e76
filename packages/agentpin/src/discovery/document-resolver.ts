/** A document as it was found. */
export interface FetchedDocument {
  /** Parsed JSON, not yet checked. */
  readonly document: unknown;
  /** How long its source lets it be used, in seconds. Default: it does not say. */
  readonly maxAgeSeconds?: number;
  /** The source's own name for this state of the document, to ask by next time. Default none. */
  readonly etag?: string;
}

/** The answer that a document is what it was when it got the etag that was asked by. */
export interface UnchangedDocument {
  readonly unchanged: true;
  /** As above. Default: as long as before. */
  readonly maxAgeSeconds?: number;
}

/** Finds the documents of issuers. Rejects with an `AgentPinError` when it cannot. */
export interface DocumentResolver {
  /** @param etag of the document that is known: only then may the answer be that it is unchanged. */
  fetchDiscovery(issuer: string, etag?: string): Promise<FetchedDocument | UnchangedDocument>;
  /**
   * @param endpoint the address that the issuer's discovery document gives.
   * @param etag as above.
   */
  fetchRevocation(
    issuer: string,
    endpoint: string | undefined,
    etag?: string,
  ): Promise<FetchedDocument | UnchangedDocument>;
}
