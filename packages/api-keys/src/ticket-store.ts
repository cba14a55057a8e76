/** What a ticket stands for. */
export interface Ticket {
  readonly keyId: string;
  /** Of the key's record when the ticket was made. */
  readonly version: number;
  /** Where the ticket may be redeemed from; null: from something that names no origin. */
  readonly origin: string | null;
}

/**
 * Where tickets wait. Several processes may share one. Run `ticketStoreContract` from
 * `@symbiont/api-keys/testing` over your own.
 *
 * Both methods fail with ApiKeyError `API_KEY_STORE_UNAVAILABLE`.
 */
export interface TicketStore {
  /**
   * Keeps a ticket for `ttlMs` milliseconds by the store's own clock.
   * @param id stands for the ticket's text, which is not stored: who reads the store can redeem nothing.
   * @throws ApiKeyError `API_KEY_BUSY` when there are too many.
   */
  put(id: string, ticket: Ticket, ttlMs: number): Promise<void>;
  /** Hands a ticket out and forgets it in one step: of all who ask, in all processes, one gets it. */
  take(id: string): Promise<Ticket | undefined>;
}
