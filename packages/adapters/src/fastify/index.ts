export { AdapterError, type AdapterErrorCode } from "../adapter-error.ts";
export { addressOf } from "../http/address-of.ts";
export { eventOf } from "../http/event-of.ts";
export type { HttpGuardOptions, HttpIdentity } from "../http/http-guard.ts";
export { principalOf } from "../http/principal-of.ts";
export type { DeliveryOptions, DeliveryVerifier } from "../http/verify-delivery.ts";
export { guardFastify } from "./guard-fastify.ts";
export { webhookFastify } from "./webhook-fastify.ts";
