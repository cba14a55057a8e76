/** Documents of many publishers, vouched for by an authority. What `verifyTrustBundle` gives has been checked. */
export interface TrustBundle {
  /** Key id of the authority. */
  readonly kid: string;
  /** Epoch milliseconds. */
  readonly signedAt: number;
  /** When it ends: by its own words or by `maxAgeMs`. Epoch milliseconds, or infinity. */
  readonly validUntil: number;
  /** Parsed JSON of each discovery document by domain; not checked beyond its domain. */
  readonly documents: ReadonlyMap<string, unknown>;
  /** Lower-case fingerprints that each domain revokes. */
  readonly revokedKeys: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What an authority puts together; see `signTrustBundle`. */
export interface TrustBundleContent {
  /** Discovery documents as JSON data, each with its `domain`. */
  readonly documents: readonly object[];
  /** Standalone revocation documents as JSON data. Default none. */
  readonly revocations?: readonly object[];
}
