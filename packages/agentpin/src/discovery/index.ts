export { type DnsPolicy, type TxtLookup, txtRecordMatches } from "../dns/check-dns.ts";
export { findTxtRecords, parseTxtRecord, type TxtRecord, txtRecordName } from "../dns/txt-record.ts";
export { type DiscoveryDocument, parseDiscoveryDocument } from "../documents/discovery-document.ts";
export type { DocumentAgent } from "../documents/document-agent.ts";
export { type DocumentKey, type KeyProblem, thumbprintHex } from "../documents/document-key.ts";
export type { DocumentSource, LookUpOptions } from "../documents/document-source.ts";
export type { IssuerDocuments } from "../documents/issuer-documents.ts";
export { discoveryUrl, isIssuerName, revocationUrl } from "../documents/issuer-name.ts";
export { keyId } from "../documents/key-id.ts";
export { type HeldDocuments, StaticDocuments } from "../documents/static-documents.ts";
export {
  type AgentToPublish,
  type BuildDiscoveryDocumentOptions,
  buildDiscoveryDocument,
  type KeyToPublish,
} from "../publish/build-discovery-document.ts";
export {
  createDocumentHandler,
  DISCOVERY_PATH,
  type DocumentHandlerOptions,
  type PublishingPhase,
  REVOCATION_PATH,
} from "../publish/document-handler.ts";
export { DocumentCache } from "./document-cache.ts";
export type { DocumentCacheOptions } from "./document-cache-options.ts";
export type { DocumentResolver, FetchedDocument, UnchangedDocument } from "./document-resolver.ts";
