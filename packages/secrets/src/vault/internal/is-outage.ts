import { SecretError } from "../../errors.ts";

/** Whether an error only says that Vault cannot be asked right now. */
export function isOutage(error: unknown): boolean {
  return SecretError.is(error) && (error.code === "SECRET_UNAVAILABLE" || error.code === "SECRET_TIMED_OUT");
}
