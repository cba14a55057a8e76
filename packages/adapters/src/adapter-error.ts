import { SymbiontError } from "@symbiont/kit";

/** Why an adapter could not do its work. */
export type AdapterErrorCode =
  | "ADAPTER_BODY_CONSUMED"
  | "ADAPTER_HOST_UNKNOWN"
  | "ADAPTER_SANDBOX_UNSUPPORTED"
  | "ADAPTER_TOOL_NOT_VERIFIED"
  | "ADAPTER_TOOL_UNGOVERNED";

/**
 * Error of `@symbiont/adapters`: the host is put together in a way that cannot be secured. `ADAPTER_BODY_CONSUMED`: a
 * body parser ran before a webhook was verified, so that the signed bytes are gone. `ADAPTER_HOST_UNKNOWN`: the host's
 * objects do not have the shape that this adapter knows. `ADAPTER_SANDBOX_UNSUPPORTED`: the host asks a sandbox for what
 * it does not do, and leaving it out would weaken it. `ADAPTER_TOOL_NOT_VERIFIED`: the gate did not let a tool in.
 * `ADAPTER_TOOL_UNGOVERNED`: a tool that runs where no gate can stand.
 */
export class AdapterError extends SymbiontError<AdapterErrorCode> {}

/** The error for a body that something else has read. @param advice how to put it right in this framework. */
export function bodyConsumed(advice: string): AdapterError {
  return new AdapterError("ADAPTER_BODY_CONSUMED", `the webhook's raw body has already been read: ${advice}`);
}

/** The error for something that a host asks of a sandbox. @param what names it, without its content. */
export function unsupportedInSandbox(what: string): AdapterError {
  return new AdapterError("ADAPTER_SANDBOX_UNSUPPORTED", `not in a sandbox: ${what}`);
}

/** The error for a host whose objects have another shape. @param what names the object, and what was expected of it. */
export function unknownHost(what: string, cause?: unknown): AdapterError {
  return new AdapterError(
    "ADAPTER_HOST_UNKNOWN",
    `the host is not of a version that this adapter knows: ${what}`,
    cause === undefined ? {} : { cause },
  );
}
