import { type PrivateKey, sign } from "@symbiont/keys";
import { type Clock, canonicalJson, encodeBase64, excerpt } from "@symbiont/kit";
import { canonicalize } from "../canonicalize.ts";
import { parseDiscoveryDocument } from "../discovery-document.ts";
import { SchemaPinError } from "../schemapin-error.ts";
import { type Members, objectList, readBundleDocuments } from "./read-bundle.ts";
import type { TrustBundleContent } from "./trust-bundle.ts";

/** Who signs a bundle. */
export interface SignTrustBundleOptions {
  /** ES256 key of the authority. */
  readonly key: PrivateKey;
  /** The authority's key id. */
  readonly kid: string;
  /** Epoch milliseconds. Default never. */
  readonly expiresAt?: number;
  /** Default `Date`. */
  readonly clock?: Clock;
}

const DOCUMENT_MEMBERS: ReadonlySet<string> = new Set([
  "domain",
  "schema_version",
  "developer_name",
  "public_key_pem",
  "revoked_keys",
  "contact",
  "revocation_endpoint",
]);
const REVOCATION_MEMBERS: ReadonlySet<string> = new Set([
  "schemapin_version",
  "domain",
  "updated_at",
  "revoked_keys",
]);
const ENTRY_MEMBERS: ReadonlySet<string> = new Set(["fingerprint", "revoked_at", "reason"]);
const REASONS: ReadonlySet<unknown> = new Set([
  "key_compromise",
  "superseded",
  "cessation_of_operation",
  "privilege_withdrawn",
]);
/** Characters that some implementations escape and others do not, as they stand in canonical text. */
const ESCAPED_DIFFERENTLY = /[\u2028\u2029]|(?<!\\)(?:\\\\)*\\[bf]/;

/**
 * Signs documents of many publishers, deterministically (RFC 6979), and gives the bundle's text. Only what every
 * implementation reads and writes alike is signed: known members, none of them missing or empty.
 *
 * @throws SchemaPinError `SCHEMAPIN_NOT_PORTABLE`; what reading the documents throws.
 * @throws TypeError when the key is not an ES256 key or the key id is empty.
 */
export function signTrustBundle(content: TrustBundleContent, options: SignTrustBundleOptions): string {
  const { key, kid, expiresAt, clock = Date } = options;
  if (key.algorithm !== "ES256") throw new TypeError(`key must be an ES256 key, got ${key.algorithm}`);
  if (kid === "") throw new TypeError("kid must not be empty");
  const signedAt = rfc3339(clock.now());
  const bundle = {
    schemapin_bundle_version: "1.4",
    created_at: signedAt,
    documents: objectList(content.documents, "documents").map(portableDocument),
    revocations: objectList(content.revocations ?? [], "revocations").map(portableRevocation),
    bundle_authority: { kid, public_key_pem: key.publicKey.toPem() },
    signed_at: signedAt,
    ...(expiresAt === undefined ? {} : { expires_at: rfc3339(expiresAt) }),
    signature: "",
  };
  readBundleDocuments(bundle);
  const { text, issues } = canonicalize(bundle);
  if (issues[0] !== undefined) throw notPortable(issues[0]);
  if (ESCAPED_DIFFERENTLY.test(text)) throw notPortable("a character is escaped differently");
  const signature = encodeBase64(sign(key, text, { deterministic: true }));
  return canonicalJson({ ...bundle, signature });
}

function portableDocument(document: Members): Members {
  // Typed implementations write the list always, and hash what they write.
  const complete = { revoked_keys: [], ...document };
  checkMembers(complete, DOCUMENT_MEMBERS);
  parseDiscoveryDocument(complete);
  for (const name of ["developer_name", "contact", "revocation_endpoint"] as const) {
    const value = (complete as Members)[name];
    if (value === null || value === "") throw notPortable(`${name} is empty`);
  }
  if ((complete as Members)["developer_name"] === undefined) throw notPortable("developer_name is missing");
  return complete;
}

function portableRevocation(document: Members): Members {
  checkMembers(document, REVOCATION_MEMBERS);
  for (const name of REVOCATION_MEMBERS) if (!(name in document)) throw notPortable(`${name} is missing`);
  for (const entry of objectList(document["revoked_keys"], "revoked_keys")) {
    checkMembers(entry, ENTRY_MEMBERS);
    if (typeof entry["revoked_at"] !== "string") throw notPortable("revoked_at is missing");
    if (!REASONS.has(entry["reason"])) throw notPortable("a reason is not one of the protocol's");
  }
  return document;
}

function checkMembers(document: Members, known: ReadonlySet<string>): void {
  const unknown = Object.keys(document).find((name) => !known.has(name));
  if (unknown !== undefined) throw notPortable(`${excerpt(unknown)} is not a member of the format`);
}

/** Whole seconds: fractions are where implementations begin to differ. */
function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}

function notPortable(why: string): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_NOT_PORTABLE", `trust bundle must not be signed: ${why}`);
}
