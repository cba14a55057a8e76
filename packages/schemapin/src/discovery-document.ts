import type { PublicKey } from "@symbiont/keys";
import { parseRfc3339 } from "@symbiont/kit";
import { publisherKey } from "./publisher-key.ts";
import { SchemaPinError } from "./schemapin-error.ts";

/** What a publisher says at `https://<domain>/.well-known/schemapin.json`, checked. */
export interface DiscoveryDocument {
  readonly schemaVersion: string;
  readonly publicKey: PublicKey;
  readonly developerName?: string;
  /** How to reach the publisher. */
  readonly contact?: string;
  /** URL of the standalone revocation document, as written: its host is not checked yet. */
  readonly revocationEndpoint?: string;
  /** Lower-case fingerprints. */
  readonly revokedKeys: ReadonlySet<string>;
  readonly warnings: readonly DiscoveryWarning[];
}

/** Something about a document that its user should know. */
export type DiscoveryWarning = "discovery_schema_version_old";

const VERSION = /^\d{1,4}\.\d{1,4}$/;
const FINGERPRINT = /^sha256:[0-9a-f]{64}$/i;

/**
 * Reads a discovery document.
 * @throws SchemaPinError `SCHEMAPIN_DISCOVERY_INVALID`; `SCHEMAPIN_KEY_NOT_FOUND` when its key is not a P-256 key in
 * exactly one PEM block.
 */
export function parseDiscoveryDocument(document: unknown): DiscoveryDocument {
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw invalid("it is not an object");
  const { schema_version, public_key_pem, developer_name, revoked_keys, contact, revocation_endpoint } =
    document as Record<string, unknown>;
  if (!isVersion(schema_version)) throw invalid("schema_version is not a version");
  if (typeof public_key_pem !== "string") throw invalid("public_key_pem is missing");
  return {
    schemaVersion: schema_version,
    publicKey: readKey(public_key_pem),
    ...optionalText("developerName", "developer_name", developer_name),
    ...optionalText("contact", "contact", contact),
    ...optionalText("revocationEndpoint", "revocation_endpoint", revocation_endpoint),
    revokedKeys: readFingerprints(revoked_keys),
    warnings: isOld(schema_version) ? ["discovery_schema_version_old"] : [],
  };
}

/**
 * Reads the fingerprints of a standalone revocation document of `domain`. Every reason revokes, known or not; an
 * absent list is an empty one.
 * @throws SchemaPinError `SCHEMAPIN_DISCOVERY_INVALID`; `SCHEMAPIN_DOMAIN_MISMATCH` when it is another domain's.
 */
export function parseRevocationDocument(document: unknown, domain: string): ReadonlySet<string> {
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw invalid("it is not an object");
  const {
    domain: named,
    revoked_keys = [],
    schemapin_version,
    updated_at,
  } = document as Record<string, unknown>;
  if (named !== domain) {
    throw new SchemaPinError("SCHEMAPIN_DOMAIN_MISMATCH", "revocation document is of another domain");
  }
  if (schemapin_version !== undefined && !isVersion(schemapin_version))
    throw invalid("schemapin_version is not a version");
  if (updated_at !== undefined && parseRfc3339(updated_at) === undefined)
    throw invalid("updated_at is not an RFC 3339 time");
  if (!Array.isArray(revoked_keys)) throw invalid("revoked_keys is not a list");
  return readFingerprints(
    revoked_keys.map((entry: unknown) => (entry as { fingerprint?: unknown } | null)?.fingerprint),
  );
}

function isVersion(value: unknown): value is string {
  return typeof value === "string" && VERSION.test(value);
}

/** Compared as numbers: 1.10 is newer than 1.2. */
function isOld(version: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  return major === 0 || (major === 1 && (minor ?? 0) < 2);
}

/** Some implementations write `null` for what is absent. */
function optionalText<Name extends string>(
  name: Name,
  member: string,
  value: unknown,
): Partial<Record<Name, string>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== "string") throw invalid(`${member} is not text`);
  return { [name]: value } as Record<Name, string>;
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
  if (list === undefined) return new Set();
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
