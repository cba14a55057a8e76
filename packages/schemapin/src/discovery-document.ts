import type { PublicKey } from "@symbiont/keys";
import { publisherKey } from "./publisher-key.ts";
import { SchemaPinError } from "./schemapin-error.ts";

/** What a publisher says at `https://<domain>/.well-known/schemapin.json`, checked. */
export interface DiscoveryDocument {
  readonly schemaVersion: string;
  readonly publicKey: PublicKey;
  readonly developerName?: string;
  /** Lower-case fingerprints. */
  readonly revokedKeys: ReadonlySet<string>;
  readonly warnings: readonly DiscoveryWarning[];
}

/** Something about a document that its user should know. */
export type DiscoveryWarning = "discovery_schema_version_old";

const VERSION = /^(\d{1,4})\.(\d{1,4})$/;
const FINGERPRINT = /^sha256:[0-9a-f]{64}$/i;

/**
 * Reads a discovery document.
 * @throws SchemaPinError `SCHEMAPIN_DISCOVERY_INVALID`; `SCHEMAPIN_KEY_NOT_FOUND` when its key is not a P-256 key in
 * exactly one PEM block.
 */
export function parseDiscoveryDocument(document: unknown): DiscoveryDocument {
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw invalid("it is not an object");
  const { schema_version, public_key_pem, developer_name, revoked_keys } = document as Record<
    string,
    unknown
  >;
  const version = typeof schema_version === "string" ? VERSION.exec(schema_version) : null;
  if (version === null) throw invalid("schema_version is not a version");
  if (typeof public_key_pem !== "string") throw invalid("public_key_pem is missing");
  if (developer_name !== undefined && developer_name !== null && typeof developer_name !== "string") {
    throw invalid("developer_name is not text");
  }
  return {
    schemaVersion: version[0],
    publicKey: readKey(public_key_pem),
    ...(typeof developer_name === "string" ? { developerName: developer_name } : {}),
    revokedKeys: readFingerprints(revoked_keys),
    // Compared as numbers: 1.10 is newer than 1.2.
    warnings: Number(version[1]) === 1 && Number(version[2]) < 2 ? ["discovery_schema_version_old"] : [],
  };
}

/**
 * Reads the fingerprints of a standalone revocation document of `domain`. Every reason revokes, known or not.
 * @throws SchemaPinError `SCHEMAPIN_DISCOVERY_INVALID`; `SCHEMAPIN_DOMAIN_MISMATCH` when it is another domain's.
 */
export function parseRevocationDocument(document: unknown, domain: string): ReadonlySet<string> {
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw invalid("it is not an object");
  const { domain: named, revoked_keys = [] } = document as Record<string, unknown>;
  if (named !== domain) {
    throw new SchemaPinError("SCHEMAPIN_DOMAIN_MISMATCH", "revocation document is of another domain");
  }
  if (!Array.isArray(revoked_keys)) throw invalid("revoked_keys is not a list");
  return readFingerprints(
    revoked_keys.map((entry: unknown) => (entry as { fingerprint?: unknown } | null)?.fingerprint),
  );
}

function readKey(pem: string): PublicKey {
  try {
    return publisherKey(pem);
  } catch (cause) {
    throw new SchemaPinError("SCHEMAPIN_KEY_NOT_FOUND", "the document's key is not a P-256 public key", {
      cause,
    });
  }
}

/** A list with one bad entry is refused: a typing error must not keep a stolen key alive. */
function readFingerprints(list: unknown): ReadonlySet<string> {
  if (list === undefined || list === null) return new Set();
  if (!Array.isArray(list)) throw invalid("revoked_keys is not a list");
  const fingerprints = new Set<string>();
  for (const entry of list as readonly unknown[]) {
    if (typeof entry !== "string" || !FINGERPRINT.test(entry))
      throw invalid("revoked_keys has a malformed entry");
    fingerprints.add(entry.toLowerCase());
  }
  return fingerprints;
}

function invalid(why: string): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_DISCOVERY_INVALID", `document is not valid: ${why}`);
}
