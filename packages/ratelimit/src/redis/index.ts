export {
  type IoredisLike,
  ioredisClient,
  type NodeRedisLike,
  nodeRedisClient,
  type RedisScriptClient,
} from "./client.ts";
export { type RedisStoreOptions, redisStore } from "./redis-store.ts";
