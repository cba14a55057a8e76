export { type RedisClient, RedisPinStore, type RedisPinStoreOptions } from "./redis-pin-store.ts";
