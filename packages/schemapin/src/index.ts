export type { Environment } from "@symbiont/kit";
export {
  type A2aContext,
  allowsDomain,
  checkA2aContext,
  intersectTrustedDomains,
  MAX_DELEGATION_DEPTH,
} from "./a2a-context.ts";
export { BundleResolver, type BundleResolverOptions } from "./bundle/bundle-resolver.ts";
export {
  type MergeConflict,
  type MergedTrustBundle,
  mergeTrustBundles,
} from "./bundle/merge-trust-bundles.ts";
export { type SignTrustBundleOptions, signTrustBundle } from "./bundle/sign-trust-bundle.ts";
export type { TrustBundle, TrustBundleContent } from "./bundle/trust-bundle.ts";
export {
  readTrustBundleResponse,
  type TrustBundleRequest,
  trustBundleRequest,
} from "./bundle/trust-bundle-rpc.ts";
export { type VerifyTrustBundleOptions, verifyTrustBundle } from "./bundle/verify-trust-bundle.ts";
export { type CanonicalSchema, canonicalize, type SchemaInput } from "./canonicalize.ts";
export { checkLineage, checkSuccessor, type LineageEntry } from "./claims/lineage.ts";
export {
  type ClaimsPolicy,
  type ClaimsReport,
  checkClaims,
  inspectClaims,
  type SignatureClaims,
} from "./claims/signature-claims.ts";
export type { DocumentResolver, Resolution } from "./discovery/document-resolver.ts";
export { discoveryUrl, domainName } from "./discovery/domain-name.ts";
export { MemoryTrustLedger } from "./discovery/memory-trust-ledger.ts";
export type { Publisher, PublisherWarning } from "./discovery/publisher.ts";
export { type PublisherOptions, publisherOf } from "./discovery/publisher-of.ts";
export { PublisherSource } from "./discovery/publisher-source.ts";
export type { PublisherSourceOptions } from "./discovery/publisher-source-options.ts";
export { ResolverChain } from "./discovery/resolver-chain.ts";
export { revocationUrl } from "./discovery/revocation-url.ts";
export { type StaticDocuments, StaticResolver } from "./discovery/static-resolver.ts";
export type { TrustLedger } from "./discovery/trust-ledger.ts";
export {
  type DiscoveryDocument,
  type DiscoveryWarning,
  parseDiscoveryDocument,
  parseRevocationDocument,
} from "./discovery-document.ts";
export { checkDns, type DnsPolicy, type TxtLookup } from "./dns/check-dns.ts";
export { type DnsRecord, dnsRecordName, findDnsRecord, parseDnsRecord } from "./dns/dns-record.ts";
export { type DsseContent, type DsseEnvelope, type DsseTrust, signDsse, verifyDsse } from "./dsse.ts";
export {
  Enforcement,
  type EnforcementDecision,
  type EnforcementMode,
  type EnforcementOptions,
} from "./enforcement.ts";
export { defaultFirstUse } from "./environment.ts";
export { displayText, hasHiddenCharacters } from "./hidden-characters.ts";
export { type ImportPinsOptions, importPins } from "./import-pins.ts";
export { MemoryPinStore } from "./memory-pin-store.ts";
export { OwnTools } from "./own-tools.ts";
export type { DecisionHandler, DomainPolicy, PinChoice, PinDecision, PinQuestion } from "./pin-decision.ts";
export type { DecisionOptions } from "./pin-decisions.ts";
export {
  type Approval as PinApproval,
  changedPin,
  type Seen as SeenDefinition,
  seenAgain,
} from "./pin-history.ts";
export type { ManagedPinStore, Pin, PinId, PinStore, RetiredPin, StoredPin } from "./pin-store.ts";
export type { PortabilityIssue } from "./portability.ts";
export { type Provision, type ProvisionOptions, provisionPins } from "./provision-pins.ts";
export {
  type BuildDiscoveryDocumentOptions,
  buildDiscoveryDocument,
  type DiscoveryDocumentData,
} from "./publish/build-discovery-document.ts";
export {
  buildRevocationDocument,
  type RevocationDocumentData,
  type RevocationReason,
  type RevokedKey,
} from "./publish/build-revocation-document.ts";
export { signTools } from "./publish/sign-tools.ts";
export {
  createWellKnownHandler,
  DISCOVERY_PATH,
  REVOCATION_PATH,
  type WellKnownHandlerOptions,
} from "./publish/well-known-handler.ts";
export { diffSchemas, type SchemaChange } from "./schema-diff.ts";
export { type ProtocolCode, SchemaPinError, type SchemaPinErrorCode } from "./schemapin-error.ts";
export { type SchemaSignature, signSchema } from "./sign-schema.ts";
export { type Statement, type StatementFile } from "./statement.ts";
export {
  attachEnvelope,
  ENVELOPE_KEY,
  SIGNABLE_FIELDS,
  type SignableField,
  type SignToolOptions,
  signTool,
  type ToolAttestation,
  type ToolEnvelope,
} from "./tool-envelope.ts";
export {
  parseToolLock,
  parseToolSidecar,
  type ToolLock,
  type ToolSidecar,
  toolDigest,
  writeToolLock,
  writeToolSidecar,
} from "./tool-lock.ts";
export {
  SchemaPinToolVerifier,
  toolSubject,
} from "./tool-verifier.ts";
export type { SchemaPinToolVerifierOptions, ServerTrust } from "./tool-verifier-options.ts";
export {
  isVerified,
  type NotVerified,
  type ToolConcern,
  type Verification,
  type Verified,
  type VerifiedFacts,
} from "./verification.ts";
export type { VerifyProfile } from "./verify-profile.ts";
export {
  checkCanonicalization,
  checkPin,
  checkRevocation,
  type VerifiedSchema,
  type VerifySchemaOptions,
  verifySchema,
} from "./verify-schema.ts";
export { type CheckedSchema, type SignatureCheckOptions, verifySignature } from "./verify-signature.ts";
export {
  signStatement,
  type VerifiedStatement,
  type VerifyStatementOptions,
  verifyStatement,
} from "./verify-statement.ts";
export { type VerifiedSymbiontSchema, verifySymbiontSchema } from "./verify-symbiont-schema.ts";
