export { capabilitiesHash } from "../capabilities/capabilities-hash.ts";
export {
  type Capability,
  capabilityMatches,
  isKnownCapability,
  parseCapability,
} from "../capabilities/capability.ts";
export { type CapabilityProblem, CapabilitySet } from "../capabilities/capability-set.ts";
export { domainMatches } from "../constraints/domain-pattern.ts";
export { requestsPerHour } from "../constraints/rate-limit.ts";
export type { CredentialClaims } from "../credential/credential-claims.ts";
export type { CredentialSignatureFormat } from "../credential/verify-signature.ts";
export { isDepthAllowed } from "../delegation/delegation-chain.ts";
export {
  type DpopPresentation,
  DpopProofs,
  type DpopProofsOptions,
  type ServerNonces,
} from "../dpop/dpop-proofs.ts";
export type { HolderProofs, ProofCase } from "../dpop/holder-proofs.ts";
export { StatelessNonces } from "../dpop/stateless-nonces.ts";
export { PROTOCOL_CODES, type ProtocolCode } from "../protocol-code.ts";
export { type Refusal, refusalError, refusalOf } from "../refusal.ts";
export { agentPinIdentity, credentialPrincipal } from "./agentpin-identity.ts";
export type { IssuerTrust } from "./issuer-trust.ts";
export { type HeldDocumentSource, OfflineVerifier, type OfflineVerifierOptions } from "./offline-verifier.ts";
export { toSpecJson } from "./spec-json.ts";
export type {
  Verification,
  VerificationWarning,
  VerifiedCredential,
  VerifiedDelegator,
} from "./verification.ts";
export type { VerificationOptions } from "./verification-rules.ts";
export { AgentPinVerifier, type VerifyContext } from "./verifier.ts";
export type { VerifierOptions } from "./verifier-options.ts";
