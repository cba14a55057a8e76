import type { Refusal } from "../refusal.ts";
import type { RevocationDocument } from "../revocation/revocation-document.ts";
import type { DiscoveryDocument } from "./discovery-document.ts";

/** The documents of one issuer, as they stand at one moment. */
export interface IssuerDocuments {
  readonly discovery: DiscoveryDocument;
  /** Or why it is not known what the issuer revoked. */
  readonly revocation: RevocationDocument | Refusal;
  /** Thumbprints of keys that are revoked under whatever id. */
  readonly revokedThumbprints: ReadonlySet<string>;
  /** Whether the discovery document is used past its time, because it cannot be fetched. Default `false`. */
  readonly isStale?: boolean;
}

/**
 * Puts an issuer's documents together: a key whose id is revoked stays revoked when it is published under another.
 * @param remembered thumbprints that were found to be revoked before.
 */
export function combineDocuments(
  discovery: DiscoveryDocument,
  revocation: RevocationDocument | Refusal,
  remembered: Iterable<string> = [],
): IssuerDocuments {
  const revokedThumbprints = new Set(remembered);
  if ("keys" in revocation) {
    for (const { kid, thumbprint } of discovery.keys.values())
      if (thumbprint !== undefined && revocation.keys.has(kid)) revokedThumbprints.add(thumbprint);
  }
  return { discovery, revocation, revokedThumbprints };
}
