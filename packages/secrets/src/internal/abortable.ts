import { SecretError } from "../errors.ts";

/** @throws SecretError `SECRET_ABORTED` when the caller's signal has fired. */
export function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new SecretError("SECRET_ABORTED", "the call was aborted");
}
