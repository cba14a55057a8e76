import { ask, checkedTable, type PostgresClient } from "./postgres-client.ts";

/** Where entries are when nobody says. */
export const DEFAULT_TABLE = "approvals";
/** Keeps two processes from migrating at once; any constant will do. */
const MIGRATION_LOCK = 4_713_008_311;

/**
 * The statements that make the table, each of which may be run again.
 * @param options.table default `"approvals"`.
 * @throws RangeError when the table's name is not plain.
 */
export function approvalSchema(options: { readonly table?: string } = {}): readonly string[] {
  const name = options.table ?? DEFAULT_TABLE;
  const table = checkedTable(name);
  return [
    `create table if not exists ${table} (
  id text collate "C" primary key,
  version bigint not null check (version >= 1),
  status text not null,
  principal text collate "C" not null,
  expires_at bigint not null,
  resolved_at bigint,
  entry text not null
)`,
    `create index if not exists "${name.slice(0, 50)}_pending" on ${table} (id) where status = 'pending'`,
    `create index if not exists "${name.slice(0, 50)}_principal" on ${table} (principal) where status = 'pending'`,
    `create index if not exists "${name.slice(0, 50)}_resolved" on ${table} (resolved_at) where status <> 'pending'`,
  ];
}

/**
 * Makes the table if there is none. Any number of processes may call it at once.
 * @throws ApprovalError `APPROVAL_STORE_UNAVAILABLE`.
 */
export async function migrateApprovals(
  client: PostgresClient,
  options: { readonly table?: string } = {},
): Promise<void> {
  const statements = [`select pg_advisory_xact_lock(${MIGRATION_LOCK})`, ...approvalSchema(options)];
  await ask(client, statements.join(";\n")); // one message without parameters is one transaction
}
