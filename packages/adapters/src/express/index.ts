export { AdapterError, type AdapterErrorCode } from "../adapter-error.ts";
export { addressOf } from "../http/address-of.ts";
export { eventOf } from "../http/event-of.ts";
export type { HttpGuardOptions, HttpIdentity } from "../http/http-guard.ts";
export { principalOf } from "../http/principal-of.ts";
export type { DeliveryOptions, DeliveryVerifier } from "../http/verify-delivery.ts";
export { guardExpress, type Middleware } from "./guard-express.ts";
export { webhookExpress } from "./webhook-express.ts";
