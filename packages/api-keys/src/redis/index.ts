export type { RedisClient } from "./redis-client.ts";
export { RedisStore, type RedisStoreOptions } from "./redis-store.ts";
export { RedisTicketStore, type RedisTicketStoreOptions } from "./redis-ticket-store.ts";
