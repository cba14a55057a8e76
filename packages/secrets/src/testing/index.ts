export {
  type KeyProviderCase,
  type KeyProviderSetup,
  keyProviderContract,
  type LocalKeySetup,
  type WrappingKeySetup,
} from "./key-provider-contract.ts";
export {
  type SecretStoreCase,
  type SecretStoreFixture,
  secretStoreContract,
} from "./secret-store-contract.ts";
