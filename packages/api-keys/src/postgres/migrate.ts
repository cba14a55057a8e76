import { ApiKeyError } from "../errors.ts";
import type { PostgresClient, PostgresStoreOptions } from "./postgres-store.ts";

const TABLE = /^[a-z_][a-z0-9_]{0,62}$/;

/** Keeps two processes from migrating at once; any constant will do. */
const MIGRATION_LOCK = 4_713_008_255;

/** Checks a table name: it is the only part of a statement that is not a parameter. @throws RangeError */
export function checkedTable(table: string): string {
  if (!TABLE.test(table))
    throw new RangeError("table must be 1 to 63 of a-z, 0-9 and _, not beginning with a digit");
  return `"${table}"`;
}

/**
 * The statements that make the table, each of which may be run again. For operators who migrate their own way;
 * everybody else calls {@link migrate}.
 * @throws RangeError when the table's name is not plain.
 */
export function postgresSchema(options: PostgresStoreOptions = {}): readonly string[] {
  const name = options.table ?? "api_keys";
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
  const statements = [`select pg_advisory_xact_lock(${MIGRATION_LOCK})`, ...postgresSchema(options)];
  try {
    await client.query(statements.join(";\n")); // one message without parameters is one transaction
  } catch (cause) {
    throw new ApiKeyError("API_KEY_STORE_UNAVAILABLE", "the table could not be made", {
      cause,
      retryable: true,
    });
  }
}
