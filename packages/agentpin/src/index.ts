export {
  type AgentCardSignature,
  signAgentCard,
  type VerifiedAgentCard,
  verifyAgentCard,
} from "./a2a/agent-card.ts";
export { verifyAgentPinCard } from "./a2a/agentpin-card.ts";
export { AgentPinError, type AgentPinErrorCode, type AgentPinErrorOptions } from "./agentpin-error.ts";
export { type BuildTrustBundleOptions, buildTrustBundle } from "./bundle/build-trust-bundle.ts";
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
export type { DelegationLink } from "./delegation/delegation-chain.ts";
export { isDepthAllowed } from "./delegation/delegation-chain.ts";
export { DocumentCache } from "./discovery/document-cache.ts";
export type { DocumentCacheOptions } from "./discovery/document-cache-options.ts";
export type { DocumentResolver, FetchedDocument, UnchangedDocument } from "./discovery/document-resolver.ts";
export { type DnsPolicy, type TxtLookup, txtRecordMatches } from "./dns/check-dns.ts";
export { findTxtRecords, parseTxtRecord, type TxtRecord, txtRecordName } from "./dns/txt-record.ts";
export { type DiscoveryDocument, parseDiscoveryDocument } from "./documents/discovery-document.ts";
export type { DocumentAgent } from "./documents/document-agent.ts";
export { type DocumentKey, type KeyProblem, thumbprintHex } from "./documents/document-key.ts";
export type { DocumentSource, LookUpOptions } from "./documents/document-source.ts";
export type { IssuerDocuments } from "./documents/issuer-documents.ts";
export { discoveryUrl, isIssuerName, revocationUrl } from "./documents/issuer-name.ts";
export { keyId } from "./documents/key-id.ts";
export { type HeldDocuments, StaticDocuments } from "./documents/static-documents.ts";
export { createProof, type ProofRequest } from "./dpop/create-proof.ts";
export {
  type DpopPresentation,
  DpopProofs,
  type DpopProofsOptions,
  type ServerNonces,
} from "./dpop/dpop-proofs.ts";
export type { HolderProofs, ProofCase } from "./dpop/holder-proofs.ts";
export { StatelessNonces } from "./dpop/stateless-nonces.ts";
export {
  CredentialIssuer,
  type CredentialIssuerOptions,
  type RemoteSigner,
} from "./issue/credential-issuer.ts";
export type { CredentialRequest } from "./issue/credential-request.ts";
export { type SignCredentialOptions, signCredential } from "./issue/sign-credential.ts";
export { type Challenge, createChallenge, isSafeNonce } from "./mutual/challenge.ts";
export {
  type ChallengeResponse,
  type Responder,
  type ResponseCase,
  respondToChallenge,
  verifyChallengeResponse,
} from "./mutual/challenge-response.ts";
export {
  type JwsResponder,
  type JwsResponseCase,
  type MutualExchange,
  type MutualRole,
  RESPONSE_TYPE,
  respondWithJws,
  verifyJwsResponse,
} from "./mutual/jws-response.ts";
export { judgePin, type PinJudgement, type PinPolicy, type SeenKey, withSeenKey } from "./pins/judge-pin.ts";
export { type PinRequest, pinKey, unpinKey } from "./pins/manage-pins.ts";
export { MemoryPinStore } from "./pins/memory-pin-store.ts";
export { exportPins, importPins } from "./pins/pin-json.ts";
export type { DomainPins, ManagedPinStore, PinnedKey, PinStore, PinTrust } from "./pins/pin-store.ts";
export { PROTOCOL_CODES, type ProtocolCode } from "./protocol-code.ts";
export {
  type AgentToPublish,
  type BuildDiscoveryDocumentOptions,
  buildDiscoveryDocument,
  type KeyToPublish,
} from "./publish/build-discovery-document.ts";
export {
  createDocumentHandler,
  DISCOVERY_PATH,
  type DocumentHandlerOptions,
  type PublishingPhase,
  REVOCATION_PATH,
} from "./publish/document-handler.ts";
export {
  advanceRotation,
  beginRotation,
  mayRevokeOldKey,
  nextPhaseAt,
  type RotationState,
  type RotationTimes,
} from "./publish/key-rotation.ts";
export { type Refusal, refusalError, refusalOf } from "./refusal.ts";
export {
  type BuildRevocationDocumentOptions,
  buildRevocationDocument,
  type RevocationReason,
  type RevokedItem,
} from "./revocation/build-revocation-document.ts";
export { parseRevocationDocument, type RevocationDocument } from "./revocation/revocation-document.ts";
export {
  AUTHORIZATION_SCHEME,
  authorizationOf,
  credentialFromAuthorization,
} from "./transport/authorization.ts";
export {
  credentialFromMcp,
  MCP_CREDENTIAL_KEY,
  type McpAgentPinCapability,
  mcpCapability,
  withMcpCredential,
} from "./transport/mcp.ts";
export { credentialFromWebSocketFrame, GRPC_METADATA_KEY, webSocketFrame } from "./transport/web-socket.ts";
export { agentPinIdentity, credentialPrincipal } from "./verify/agentpin-identity.ts";
export type { IssuerTrust } from "./verify/issuer-trust.ts";
export {
  type HeldDocumentSource,
  OfflineVerifier,
  type OfflineVerifierOptions,
} from "./verify/offline-verifier.ts";
export { toSpecJson } from "./verify/spec-json.ts";
export type {
  Verification,
  VerificationWarning,
  VerifiedCredential,
  VerifiedDelegator,
} from "./verify/verification.ts";
export type { VerificationOptions } from "./verify/verification-rules.ts";
export { AgentPinVerifier, type VerifyContext } from "./verify/verifier.ts";
export type { VerifierOptions } from "./verify/verifier-options.ts";
