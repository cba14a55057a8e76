import { SymbiontError } from "@symbiont/kit";

/** Why an adapter could not do its work. */
export type AdapterErrorCode = "ADAPTER_BODY_CONSUMED";

/**
 * Error of `@symbiont/adapters`: the host is put together in a way that cannot be secured. `ADAPTER_BODY_CONSUMED`
 * means that a body parser ran before a webhook was verified, so that the signed bytes are gone.
 */
export class AdapterError extends SymbiontError<AdapterErrorCode> {}

/** The error for a body that something else has read. @param advice how to put it right in this framework. */
export function bodyConsumed(advice: string): AdapterError {
  return new AdapterError("ADAPTER_BODY_CONSUMED", `the webhook's raw body has already been read: ${advice}`);
}
