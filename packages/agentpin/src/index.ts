export { AgentPinError, type AgentPinErrorCode, type AgentPinErrorOptions } from "./agentpin-error.ts";
export { TrustBundle, type TrustBundleOptions } from "./bundle/trust-bundle.ts";
export { capabilitiesHash } from "./capabilities/capabilities-hash.ts";
export {
  type Capability,
  capabilityMatches,
  isKnownCapability,
  parseCapability,
} from "./capabilities/capability.ts";
export { type CapabilityProblem, CapabilitySet } from "./capabilities/capability-set.ts";
export { domainMatches } from "./constraints/domain-pattern.ts";
export { requestsPerHour } from "./constraints/rate-limit.ts";
export type { CredentialClaims } from "./credential/credential-claims.ts";
export type { CredentialSignatureFormat } from "./credential/verify-signature.ts";
export {
  type Attestation,
  attestationText,
  signAttestation,
  verifyAttestation,
} from "./delegation/attestation.ts";
export { type DelegationLink, isDepthAllowed } from "./delegation/delegation-chain.ts";
export { DocumentCache } from "./discovery/document-cache.ts";
export type { DocumentCacheOptions } from "./discovery/document-cache-options.ts";
export type { DocumentResolver, FetchedDocument } from "./discovery/document-resolver.ts";
export { type DiscoveryDocument, parseDiscoveryDocument } from "./documents/discovery-document.ts";
export type { DocumentAgent } from "./documents/document-agent.ts";
export { type DocumentKey, type KeyProblem, thumbprintHex } from "./documents/document-key.ts";
export type { DocumentSource } from "./documents/document-source.ts";
export type { IssuerDocuments } from "./documents/issuer-documents.ts";
export { discoveryUrl, isIssuerName, revocationUrl } from "./documents/issuer-name.ts";
export { keyId } from "./documents/key-id.ts";
export { type HeldDocuments, StaticDocuments } from "./documents/static-documents.ts";
export { type SignCredentialOptions, signCredential } from "./issue/sign-credential.ts";
export { judgePin, type PinJudgement, type PinPolicy, type SeenKey, withSeenKey } from "./pins/judge-pin.ts";
export { type PinRequest, pinKey, unpinKey } from "./pins/manage-pins.ts";
export { MemoryPinStore } from "./pins/memory-pin-store.ts";
export { exportPins, importPins } from "./pins/pin-json.ts";
export type { DomainPins, ManagedPinStore, PinnedKey, PinStore, PinTrust } from "./pins/pin-store.ts";
export { PROTOCOL_CODES, type ProtocolCode } from "./protocol-code.ts";
export { type Refusal, refusalError, refusalOf } from "./refusal.ts";
export { parseRevocationDocument, type RevocationDocument } from "./revocation/revocation-document.ts";
export type { IssuerTrust } from "./verify/issuer-trust.ts";
export { OfflineVerifier, type OfflineVerifierOptions } from "./verify/offline-verifier.ts";
export type {
  Verification,
  VerificationWarning,
  VerifiedCredential,
  VerifiedDelegator,
} from "./verify/verification.ts";
export type { VerificationOptions } from "./verify/verification-rules.ts";
export { AgentPinVerifier, type VerifyContext } from "./verify/verifier.ts";
export type { VerifierOptions } from "./verify/verifier-options.ts";
