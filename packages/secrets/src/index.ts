export type { BackendOptions, SecretBackend, SecretWrite, StoredSecret } from "./backend.ts";
export { type ChainOptions, chain } from "./chain.ts";
export { createSecretStore, type SecretStoreOptions } from "./create-secret-store.ts";
export { type EnvStoreOptions, envStore } from "./env-store.ts";
export { SecretError, type SecretErrorCode } from "./errors.ts";
export type { Actor, AuditTrailOptions } from "./internal/audit-trail.ts";
export type {
  KeyMaterial,
  KeyProvider,
  KeyRequest,
  LocalKeyProvider,
  WrappedKey,
  WrappingKeyProvider,
} from "./key-provider.ts";
export { memoryStore } from "./memory-store.ts";
export { Secret } from "./secret.ts";
export type { PreviousVersion, SecretMetadata } from "./secret-metadata.ts";
export { PlainValue, type SecretValue } from "./secret-value.ts";
export type {
  CallOptions,
  GetOptions,
  RotateOptions,
  ScopeOptions,
  SecretReader,
  SecretStore,
  SetOptions,
} from "./store.ts";
