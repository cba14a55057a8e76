export { keyProviderContract } from "./key-provider-contract.ts";
export type {
  KeyProviderCase,
  KeyProviderSetup,
  LocalKeySetup,
  WrappingKeySetup,
} from "./key-provider-setup.ts";
export {
  type SecretStoreCase,
  type SecretStoreFixture,
  secretStoreContract,
} from "./secret-store-contract.ts";
