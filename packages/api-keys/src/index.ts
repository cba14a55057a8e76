export { allowsAgent } from "./agent-scope.ts";
export {
  type ActorOption,
  ApiKeys,
  type ForeignKey,
  type IssuedKey,
  type RotateOptions,
} from "./api-keys.ts";
export type {
  ConnectionTickets,
  ConnectionTicketsOptions,
  IssuedTicket,
  RedeemOptions,
  TicketOrigin,
} from "./connection-tickets.ts";
export { ConnectionWatch, type ConnectionWatchOptions } from "./connection-watch.ts";
export { ApiKeyError, type ApiKeyErrorCode } from "./errors.ts";
export { apiKeyIdentity, keyPrincipal } from "./identity.ts";
export type { Actor } from "./internal/audit-trail.ts";
export type { RefusalReason } from "./internal/authenticator.ts";
export type { TicketRefusalReason, VerifyKeyOptions } from "./internal/verifications.ts";
export { IssuedToken } from "./issued-token.ts";
export type { KeyAccess, KeyDetails } from "./key-details.ts";
export type { LegacyScan } from "./legacy-scan.ts";
export { MemoryStore } from "./memory-store.ts";
export { MemoryTicketStore, type MemoryTicketStoreOptions } from "./memory-ticket-store.ts";
export type { ApiKeysOptions } from "./options.ts";
export type { Pepper } from "./pepper.ts";
export type { ApiKeyInfo, ApiKeyRecord } from "./record.ts";
export { readRecord, writeRecord } from "./record-json.ts";
export type { StaticToken } from "./static-token.ts";
export type { ApiKeyQuery, ApiKeyStore, StoreEvent } from "./store.ts";
export type { Ticket, TicketStore } from "./ticket-store.ts";
export { parseToken, TOKEN_PATTERN, type TokenParts } from "./token.ts";
export { type HeaderSource, type TokenHeaderOptions, tokenFromHeaders } from "./token-header.ts";
export { type OfferedProtocols, tokenFromProtocols } from "./token-protocol.ts";
export type { KeyRequirements, VerifiedKey } from "./verified-key.ts";
