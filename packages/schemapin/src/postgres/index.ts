export { migratePins, postgresPinSchema } from "./migrate-pins.ts";
export { type PostgresClient, PostgresPinStore, type PostgresPinStoreOptions } from "./postgres-pin-store.ts";
