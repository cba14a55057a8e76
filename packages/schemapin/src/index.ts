export { type CanonicalSchema, canonicalize, type SchemaInput } from "./canonicalize.ts";
export {
  type DiscoveryDocument,
  type DiscoveryWarning,
  parseDiscoveryDocument,
  parseRevocationDocument,
} from "./discovery-document.ts";
export { MemoryPinStore } from "./memory-pin-store.ts";
export type { ManagedPinStore, Pin, PinId, PinStore, RetiredPin, StoredPin } from "./pin-store.ts";
export type { PortabilityIssue } from "./portability.ts";
export { type ProtocolCode, SchemaPinError, type SchemaPinErrorCode } from "./schemapin-error.ts";
export { type SchemaSignature, signSchema } from "./sign-schema.ts";
export {
  attachEnvelope,
  ENVELOPE_KEY,
  SIGNABLE_FIELDS,
  type SignableField,
  type SignToolOptions,
  signTool,
  type ToolEnvelope,
} from "./tool-envelope.ts";
export {
  SchemaPinToolVerifier,
  type SchemaPinToolVerifierOptions,
  type ServerTrust,
} from "./tool-verifier.ts";
export type { VerifyProfile } from "./verify-profile.ts";
export { type VerifiedSchema, type VerifySchemaOptions, verifySchema } from "./verify-schema.ts";
export { type CheckedSchema, type SignatureCheckOptions, verifySignature } from "./verify-signature.ts";
export { type VerifiedSymbiontSchema, verifySymbiontSchema } from "./verify-symbiont-schema.ts";
