import { readTicket, writeTicket } from "../ticket-json.ts";
import type { Ticket, TicketStore } from "../ticket-store.ts";
import { ask, checkedNamespace, type RedisClient } from "./redis-client.ts";

/** Where tickets are in Redis. */
export interface RedisTicketStoreOptions {
  /** Begins the name of every ticket. Default `"api-key-tickets"`. */
  readonly namespace?: string;
}

// KEYS: ticket. GETDEL is a command of Redis 6.2; this is the same for Redis 6.
const TAKE = `
local ticket = redis.call('GET', KEYS[1])
redis.call('DEL', KEYS[1])
return ticket`;

/** Keeps tickets in Redis 6 or newer, which forgets them by itself. Who loses one asks for another. */
export class RedisTicketStore implements TicketStore {
  readonly #client: RedisClient;
  readonly #namespace: string;

  /** @throws RangeError when the namespace is not plain. */
  constructor(client: RedisClient, options: RedisTicketStoreOptions = {}) {
    this.#client = client;
    this.#namespace = checkedNamespace(options.namespace ?? "api-key-tickets");
  }

  async put(id: string, ticket: Ticket, ttlMs: number): Promise<void> {
    await ask(this.#client, "SET", this.#key(id), writeTicket(ticket), "PX", String(ttlMs));
  }

  async take(id: string): Promise<Ticket | undefined> {
    const text = await ask(this.#client, "EVAL", TAKE, "1", this.#key(id));
    return text === null ? undefined : readTicket(text);
  }

  /** Each ticket in a slot of its own: nothing is asked of two at once. */
  #key(id: string): string {
    return `${this.#namespace}:${id}`;
  }
}
