export { type ApiKeyStoreCase, apiKeyStoreContract } from "./store-contract.ts";
