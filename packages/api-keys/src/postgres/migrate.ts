import { ApiKeyError } from "../errors.ts";
import { checkedTable, type PostgresClient } from "./postgres-client.ts";
import { DEFAULT_TABLE, type PostgresStoreOptions } from "./postgres-store.ts";
import { DEFAULT_TICKET_TABLE, type PostgresTicketStoreOptions } from "./postgres-ticket-store.ts";

/** Keeps two processes from migrating at once; any constant will do. */
const MIGRATION_LOCK = 4_713_008_255;

/**
 * The statements that make the table, each of which may be run again. For operators who migrate their own way;
 * everybody else calls {@link migrate}.
 * @throws RangeError when the table's name is not plain.
 */
export function postgresSchema(options: PostgresStoreOptions = {}): readonly string[] {
  const name = options.table ?? DEFAULT_TABLE;
  const table = checkedTable(name);
  return [
    `create table if not exists ${table} (
  key_id text collate "C" primary key,
  key_hash text not null,
  agent_scope text[],
  scopes text[] not null default '{}',
  description text not null,
  owner text,
  display text,
  created_at timestamptz,
  not_before timestamptz,
  expires_at timestamptz,
  revoked boolean not null default false,
  revoked_at timestamptz,
  revoked_reason text,
  replaced_by text,
  last_used_at timestamptz,
  version bigint not null check (version >= 1),
  metadata jsonb
)`,
    `create index if not exists "${name.slice(0, 50)}_expires_at" on ${table} (expires_at) where not revoked`,
  ];
}

/**
 * Makes the table if there is none. Any number of processes may call it at once.
 * @throws ApiKeyError `API_KEY_STORE_UNAVAILABLE`.
 */
export async function migrate(client: PostgresClient, options: PostgresStoreOptions = {}): Promise<void> {
  await run(client, postgresSchema(options));
}

/**
 * The statements that make the table of tickets.
 * @throws RangeError when the table's name is not plain.
 */
export function postgresTicketSchema(options: PostgresTicketStoreOptions = {}): readonly string[] {
  const name = options.table ?? DEFAULT_TICKET_TABLE;
  const table = checkedTable(name);
  return [
    `create table if not exists ${table} (
  id text collate "C" primary key,
  ticket text not null,
  expires_at timestamptz not null
)`,
    `create index if not exists "${name.slice(0, 50)}_expires_at" on ${table} (expires_at)`,
  ];
}

/**
 * Makes the table of tickets if there is none. Any number of processes may call it at once.
 * @throws ApiKeyError `API_KEY_STORE_UNAVAILABLE`.
 */
export async function migrateTickets(
  client: PostgresClient,
  options: PostgresTicketStoreOptions = {},
): Promise<void> {
  await run(client, postgresTicketSchema(options));
}

async function run(client: PostgresClient, schema: readonly string[]): Promise<void> {
  const statements = [`select pg_advisory_xact_lock(${MIGRATION_LOCK})`, ...schema];
  try {
    await client.query(statements.join(";\n")); // one message without parameters is one transaction
  } catch (cause) {
    throw new ApiKeyError("API_KEY_STORE_UNAVAILABLE", "the table could not be made", {
      cause,
      retryable: true,
    });
  }
}
