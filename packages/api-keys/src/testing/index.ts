export type { ContractCase } from "./contract.ts";
export { apiKeyStoreContract } from "./store-contract.ts";
export { ticketStoreContract } from "./ticket-store-contract.ts";
