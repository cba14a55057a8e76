export { AdapterError, type AdapterErrorCode } from "../adapter-error.ts";
export {
  type Admission,
  type ClientAddressResolver,
  createHttpGuard,
  type GuardedRequest,
  type HttpGuard,
  type HttpGuardOptions,
  type HttpIdentity,
  type HttpLimiter,
} from "../http/http-guard.ts";
export type { HeaderPairs, Refusal } from "../http/refusal.ts";
export type { DeliveryOptions, DeliveryVerifier } from "../http/verify-delivery.ts";
export { type FetchContext, guardFetch } from "./guard-fetch.ts";
export { webhookFetch } from "./webhook-fetch.ts";
