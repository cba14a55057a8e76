export { type CanonicalSchema, canonicalize, type SchemaInput } from "./canonicalize.ts";
export {
  type DiscoveryDocument,
  type DiscoveryWarning,
  parseDiscoveryDocument,
  parseRevocationDocument,
} from "./discovery-document.ts";
export { type DsseContent, type DsseEnvelope, type DsseTrust, signDsse, verifyDsse } from "./dsse.ts";
export {
  Enforcement,
  type EnforcementDecision,
  type EnforcementMode,
  type EnforcementOptions,
} from "./enforcement.ts";
export type { Environment } from "./environment.ts";
export { displayText, hasHiddenCharacters } from "./hidden-characters.ts";
export { type ImportPinsOptions, importPins } from "./import-pins.ts";
export { MemoryPinStore } from "./memory-pin-store.ts";
export type { DecisionHandler, DomainPolicy, PinChoice, PinDecision, PinQuestion } from "./pin-decision.ts";
export type { DecisionOptions } from "./pin-decisions.ts";
export type { ManagedPinStore, Pin, PinId, PinStore, RetiredPin, StoredPin } from "./pin-store.ts";
export type { PortabilityIssue } from "./portability.ts";
export { type Provision, type ProvisionOptions, provisionPins } from "./provision-pins.ts";
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
  type SchemaPinToolVerifierOptions,
  type ServerTrust,
  toolSubject,
} from "./tool-verifier.ts";
export {
  isVerified,
  type NotVerified,
  type ToolConcern,
  type Verification,
  type Verified,
  type VerifiedFacts,
} from "./verification.ts";
export type { VerifyProfile } from "./verify-profile.ts";
export { type VerifiedSchema, type VerifySchemaOptions, verifySchema } from "./verify-schema.ts";
export { type CheckedSchema, type SignatureCheckOptions, verifySignature } from "./verify-signature.ts";
export {
  signStatement,
  type VerifiedStatement,
  type VerifyStatementOptions,
  verifyStatement,
} from "./verify-statement.ts";
export { type VerifiedSymbiontSchema, verifySymbiontSchema } from "./verify-symbiont-schema.ts";
