import type { SymbiontError } from "@symbiont/kit";

/**
 * The HTTP status of a verifier's error that says, by its own status or for want of one, that the credential may yet be
 * right: 429 or 5xx. Undefined when the credential is refused.
 */
export function retryStatus(error: SymbiontError & { readonly httpStatus?: unknown }): number | undefined {
  const { httpStatus = error.retryable ? 503 : 401 } = error;
  const isLater =
    typeof httpStatus === "number" && (httpStatus === 429 || (httpStatus >= 500 && httpStatus <= 599));
  return isLater ? httpStatus : undefined;
}
