import type { Clock } from "@symbiont/kit";
import { ApiKeyError } from "./errors.ts";
import { checkedCount } from "./options.ts";
import type { Ticket, TicketStore } from "./ticket-store.ts";

/** How many tickets a process holds. */
export interface MemoryTicketStoreOptions {
  /** Tickets at a time. Default 10,000. */
  readonly maxTickets?: number;
  /** Default `Date`. */
  readonly clock?: Clock;
}

interface Waiting {
  readonly ticket: Ticket;
  readonly expiresAt: number;
}

/** Keeps tickets in this process. Who issues a ticket must be who redeems it. */
export class MemoryTicketStore implements TicketStore {
  readonly #waiting = new Map<string, Waiting>();
  readonly #maxTickets: number;
  readonly #clock: Clock;

  /** @throws RangeError */
  constructor(options: MemoryTicketStoreOptions = {}) {
    this.#maxTickets = checkedCount("maxTickets", options.maxTickets ?? 10_000, 1);
    this.#clock = options.clock ?? Date;
  }

  async put(id: string, ticket: Ticket, ttlMs: number): Promise<void> {
    const now = this.#clock.now();
    if (this.#waiting.size >= this.#maxTickets) this.#forgetExpired(now);
    if (this.#waiting.size >= this.#maxTickets)
      throw new ApiKeyError("API_KEY_BUSY", "too many tickets are waiting", { retryAfterMs: ttlMs });
    this.#waiting.set(id, { ticket, expiresAt: now + ttlMs });
  }

  async take(id: string): Promise<Ticket | undefined> {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting !== undefined && this.#clock.now() < waiting.expiresAt ? waiting.ticket : undefined;
  }

  /** From the oldest on, as far as they are expired: a full store must not be gone through for every caller. */
  #forgetExpired(now: number): void {
    for (const [id, { expiresAt }] of this.#waiting) {
      if (now < expiresAt) return;
      this.#waiting.delete(id);
    }
  }
}
