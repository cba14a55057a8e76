export { type ContractCase, pinStoreContract } from "./pin-store-contract.ts";
