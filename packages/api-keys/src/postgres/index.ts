export { migrate, migrateTickets, postgresSchema, postgresTicketSchema } from "./migrate.ts";
export type { PostgresClient } from "./postgres-client.ts";
export { PostgresStore, type PostgresStoreOptions } from "./postgres-store.ts";
export { PostgresTicketStore, type PostgresTicketStoreOptions } from "./postgres-ticket-store.ts";
