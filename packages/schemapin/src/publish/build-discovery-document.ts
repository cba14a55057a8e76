import type { PublicKey } from "@symbiont/keys";
import { domainName } from "../discovery/domain-name.ts";
import { revocationUrl } from "../discovery/revocation-url.ts";
import { parseDiscoveryDocument } from "../discovery-document.ts";
import { SchemaPinError } from "../schemapin-error.ts";

/** What a publisher says about itself. */
export interface BuildDiscoveryDocumentOptions {
  readonly domain: string;
  /** ES256 key that tools are signed with. */
  readonly publicKey: PublicKey;
  readonly developerName: string;
  /** How to reach the publisher. Default absent. */
  readonly contact?: string;
  /** Fingerprints of keys that no longer count. Default none. */
  readonly revokedKeys?: readonly string[];
  /** Address of the revocation document, on the domain's own host. Default absent: there is none. */
  readonly revocationEndpoint?: string;
}

/** A discovery document, as it goes over the wire. */
export interface DiscoveryDocumentData {
  readonly schema_version: "1.4";
  readonly developer_name: string;
  readonly public_key_pem: string;
  readonly revoked_keys: readonly string[];
  readonly contact?: string;
  readonly revocation_endpoint?: string;
}

/**
 * Builds the document for `https://<domain>/.well-known/schemapin.json`.
 *
 * @throws SchemaPinError `SCHEMAPIN_DOMAIN_INVALID`, `SCHEMAPIN_DISCOVERY_INVALID`, `SCHEMAPIN_KEY_NOT_FOUND` when the
 * key is not an ES256 key, `SCHEMAPIN_KEY_REVOKED` when the document would revoke its own key.
 */
export function buildDiscoveryDocument(options: BuildDiscoveryDocumentOptions): DiscoveryDocumentData {
  const { publicKey, developerName, contact, revokedKeys = [], revocationEndpoint } = options;
  const domain = domainName(options.domain);
  const document: DiscoveryDocumentData = {
    schema_version: "1.4",
    developer_name: developerName,
    public_key_pem: publicKey.toPem(),
    revoked_keys: [...revokedKeys],
    ...(contact === undefined ? {} : { contact }),
    ...(revocationEndpoint === undefined
      ? {}
      : { revocation_endpoint: revocationUrl(revocationEndpoint, domain) }),
  };
  if (parseDiscoveryDocument(document).revokedKeys.has(publicKey.fingerprint))
    throw new SchemaPinError("SCHEMAPIN_KEY_REVOKED", "the document would revoke its own key");
  return document;
}
