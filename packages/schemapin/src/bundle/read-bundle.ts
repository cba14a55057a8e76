import { domainName } from "../discovery/domain-name.ts";
import { parseRevocationDocument } from "../discovery-document.ts";
import { SchemaPinError } from "../schemapin-error.ts";
import type { TrustBundle } from "./trust-bundle.ts";

/** Members of a JSON object. */
export type Members = Readonly<Record<string, unknown>>;

/**
 * Reads the documents of a bundle. Two for one domain are refused: which of them counts depends on who reads.
 * @throws SchemaPinError `SCHEMAPIN_BUNDLE_INVALID`, `SCHEMAPIN_DISCOVERY_INVALID` for a malformed revocation
 */
export function readBundleDocuments(bundle: Members): Pick<TrustBundle, "documents" | "revokedKeys"> {
  const documents = new Map<string, unknown>();
  for (const document of objectList(bundle["documents"], "documents")) {
    const domain = ownDomain(document);
    if (documents.has(domain)) throw invalidBundle("a domain has two documents");
    documents.set(domain, document);
  }
  const revokedKeys = new Map<string, ReadonlySet<string>>();
  for (const document of objectList(bundle["revocations"] ?? [], "revocations")) {
    const domain = ownDomain(document);
    const revoked = parseRevocationDocument(document, domain);
    revokedKeys.set(domain, new Set([...(revokedKeys.get(domain) ?? []), ...revoked]));
  }
  return { documents, revokedKeys };
}

/** @throws SchemaPinError `SCHEMAPIN_BUNDLE_INVALID` */
export function objectList(value: unknown, name: string): readonly Members[] {
  if (!Array.isArray(value) || !value.every(isMembers))
    throw invalidBundle(`${name} is not a list of documents`);
  return value;
}

/** Tells a JSON object. */
export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The domain that a document names, which must be in its one spelling. */
export function ownDomain(document: Members): string {
  const { domain } = document;
  if (typeof domain !== "string" || domainName(domain) !== domain)
    throw invalidBundle("a document's domain is not in canonical form");
  return domain;
}

/** A bundle that does not keep to its format. */
export function invalidBundle(why: string, cause?: unknown): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_BUNDLE_INVALID", `trust bundle is not valid: ${why}`, { cause });
}
