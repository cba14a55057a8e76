export { type ApiKeyStoreCase, apiKeyStoreContract } from "./store-contract.ts";
export { type TicketStoreCase, ticketStoreContract } from "./ticket-store-contract.ts";
