export type { Lookup } from "./connect.ts";
export type { GuardedResponse } from "./exchange.ts";
export { freshnessMs } from "./freshness.ts";
export { createGuardedFetch, type GuardedFetch } from "./guarded-fetch.ts";
export type { GuardedFetchOptions } from "./options.ts";
export type { GuardedRequest } from "./request.ts";
