import { unavailable } from "../store-unavailable.ts";
import { checkedTable, type PostgresClient, type PostgresPinStoreOptions } from "./postgres-pin-store.ts";

/** Keeps two processes from migrating at once; any constant will do. */
const MIGRATION_LOCK = 4_713_008_256;

/**
 * The statement that makes the table, which may be run again. For operators who migrate their own way; everybody else
 * calls {@link migratePins}.
 * @throws RangeError when the table's name is not plain.
 */
export function postgresPinSchema(options: PostgresPinStoreOptions = {}): string {
  return `create table if not exists ${checkedTable(options.table)} (
  id text collate "C" primary key,
  pin text not null
)`;
}

/**
 * Makes the table if there is none. Any number of processes may call it at once.
 * @throws SchemaPinError `SCHEMAPIN_PIN_STORE_UNAVAILABLE`
 */
export async function migratePins(
  client: PostgresClient,
  options: PostgresPinStoreOptions = {},
): Promise<void> {
  const statements = [`select pg_advisory_xact_lock(${MIGRATION_LOCK})`, postgresPinSchema(options)];
  try {
    await client.query(statements.join(";\n")); // one message without parameters is one transaction
  } catch (cause) {
    throw unavailable("the table could not be made", cause);
  }
}
