export {
  type KeyProviderCase,
  type KeyProviderSetup,
  keyProviderContract,
  type LocalKeySetup,
  type WrappingKeySetup,
} from "./key-provider-contract.ts";
