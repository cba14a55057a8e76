export type { BackendOptions, SecretBackend, SecretWrite, StoredSecret } from "./backend.ts";
export { SecretError, type SecretErrorCode } from "./errors.ts";
export type {
  KeyMaterial,
  KeyProvider,
  KeyRequest,
  LocalKeyProvider,
  WrappedKey,
  WrappingKeyProvider,
} from "./key-provider.ts";
export { Secret } from "./secret.ts";
export type { PreviousVersion, SecretMetadata } from "./secret-metadata.ts";
export { PlainValue, type SecretValue } from "./secret-value.ts";
export type {
  CallOptions,
  GetOptions,
  RotateOptions,
  ScopeOptions,
  SecretStore,
  SetOptions,
} from "./store.ts";
