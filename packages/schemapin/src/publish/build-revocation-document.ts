import type { Clock } from "@symbiont/kit";
import { domainName } from "../discovery/domain-name.ts";
import { parseRevocationDocument } from "../discovery-document.ts";

/** Why a key no longer counts. Every reason revokes alike. */
export type RevocationReason =
  | "key_compromise"
  | "superseded"
  | "cessation_of_operation"
  | "privilege_withdrawn";

/** One key that no longer counts. */
export interface RevokedKey {
  /** `sha256:<hex>`. */
  readonly fingerprint: string;
  /** Epoch milliseconds. */
  readonly revokedAt: number;
  readonly reason: RevocationReason;
}

/** A standalone revocation document, as it goes over the wire. */
export interface RevocationDocumentData {
  readonly schemapin_version: "1.2";
  readonly domain: string;
  readonly updated_at: string;
  readonly revoked_keys: readonly {
    readonly fingerprint: string;
    readonly revoked_at: string;
    readonly reason: RevocationReason;
  }[];
}

/**
 * Builds a domain's revocation document. Leave nothing out that was in it before: others remember.
 *
 * @param clock default `Date`.
 * @throws SchemaPinError `SCHEMAPIN_DOMAIN_INVALID`, `SCHEMAPIN_DISCOVERY_INVALID` for a malformed fingerprint
 * @throws RangeError when a time is none.
 */
export function buildRevocationDocument(
  domain: string,
  revokedKeys: readonly RevokedKey[],
  clock: Clock = Date,
): RevocationDocumentData {
  const document: RevocationDocumentData = {
    schemapin_version: "1.2",
    domain: domainName(domain),
    updated_at: new Date(clock.now()).toISOString(),
    revoked_keys: revokedKeys.map(({ fingerprint, revokedAt, reason }) => ({
      fingerprint,
      revoked_at: new Date(revokedAt).toISOString(),
      reason,
    })),
  };
  parseRevocationDocument(document, document.domain);
  return document;
}
