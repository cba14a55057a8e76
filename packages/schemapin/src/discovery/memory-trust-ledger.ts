import type { TrustLedger } from "./trust-ledger.ts";

/** Remembers for the life of the process. */
export class MemoryTrustLedger implements TrustLedger {
  readonly #revoked = new Map<string, ReadonlySet<string>>();
  readonly #bundles = new Map<string, number>();

  async revokedKeys(domain: string): Promise<ReadonlySet<string>> {
    return this.#revoked.get(domain) ?? new Set();
  }

  async addRevokedKeys(domain: string, fingerprints: ReadonlySet<string>): Promise<void> {
    this.#revoked.set(domain, new Set([...(this.#revoked.get(domain) ?? []), ...fingerprints]));
  }

  async advanceBundle(authority: string, signedAt: number): Promise<boolean> {
    if ((this.#bundles.get(authority) ?? Number.NEGATIVE_INFINITY) > signedAt) return false;
    this.#bundles.set(authority, signedAt);
    return true;
  }
}
