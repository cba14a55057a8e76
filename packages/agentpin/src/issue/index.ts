export {
  type Attestation,
  attestationText,
  signAttestation,
  verifyAttestation,
} from "../delegation/attestation.ts";
export type { DelegationLink } from "../delegation/delegation-chain.ts";
export { createProof, type ProofRequest } from "../dpop/create-proof.ts";
export {
  advanceRotation,
  beginRotation,
  mayRevokeOldKey,
  nextPhaseAt,
  type RotationState,
  type RotationTimes,
} from "../publish/key-rotation.ts";
export { CredentialIssuer, type CredentialIssuerOptions, type RemoteSigner } from "./credential-issuer.ts";
export type { CredentialRequest } from "./credential-request.ts";
export { type SignCredentialOptions, signCredential } from "./sign-credential.ts";
