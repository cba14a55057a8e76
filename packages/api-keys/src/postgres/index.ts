export { migrate, postgresSchema } from "./migrate.ts";
export { type PostgresClient, PostgresStore, type PostgresStoreOptions } from "./postgres-store.ts";
