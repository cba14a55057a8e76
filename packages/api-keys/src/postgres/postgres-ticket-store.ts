import { readTicket, writeTicket } from "../ticket-json.ts";
import type { Ticket, TicketStore } from "../ticket-store.ts";
import { ask, checkedTable, type PostgresClient } from "./postgres-client.ts";

/** Where tickets are when nobody says. */
export const DEFAULT_TICKET_TABLE = "api_key_tickets";

/** Where tickets are in the database. */
export interface PostgresTicketStoreOptions {
  /** Default `"api_key_tickets"`. */
  readonly table?: string;
}

/** How many expired tickets each new one clears away. */
const CLEARED = 10;

/** Keeps tickets in Postgres 12 or newer. Call `migrateTickets` once. */
export class PostgresTicketStore implements TicketStore {
  readonly #client: PostgresClient;
  readonly #table: string;

  /** @throws RangeError when the table's name is not plain. */
  constructor(client: PostgresClient, options: PostgresTicketStoreOptions = {}) {
    this.#client = client;
    this.#table = checkedTable(options.table ?? DEFAULT_TICKET_TABLE);
  }

  async put(id: string, ticket: Ticket, ttlMs: number): Promise<void> {
    await ask(
      this.#client,
      `with expired as (
         delete from ${this.#table} where id in (
           select id from ${this.#table} where expires_at <= now() limit ${CLEARED} for update skip locked))
       insert into ${this.#table} (id, ticket, expires_at)
       values ($1::text, $2::text, now() + $3::text::bigint * interval '1 millisecond')`,
      [id, writeTicket(ticket), String(ttlMs)],
    );
  }

  async take(id: string): Promise<Ticket | undefined> {
    const [row] = await ask(
      this.#client,
      `delete from ${this.#table} where id = $1::text
       returning case when expires_at > now() then ticket end as ticket`,
      [id],
    );
    const { ticket = null } = (row ?? {}) as { readonly ticket?: unknown };
    return ticket === null ? undefined : readTicket(ticket);
  }
}
