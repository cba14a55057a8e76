/**
 * Remembers what must not be forgotten: keys that were revoked once, and the newest bundle of each authority. A ledger
 * that cannot be read throws; it never looks empty.
 */
export interface TrustLedger {
  /** Every fingerprint that the domain has ever revoked. */
  revokedKeys(domain: string): Promise<ReadonlySet<string>>;
  /** Resolves when the fingerprints will be found again. Nothing is ever taken out. */
  addRevokedKeys(domain: string, fingerprints: ReadonlySet<string>): Promise<void>;
  /**
   * Notes that an authority's bundle of this time was accepted, in one step with the comparison.
   * @param signedAt epoch milliseconds.
   * @returns false, and nothing is noted, when a newer bundle was accepted before.
   */
  advanceBundle(authority: string, signedAt: number): Promise<boolean>;
}
