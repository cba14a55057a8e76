import { SecretError } from "../../errors.ts";
import type { VaultLease } from "../vault-login.ts";
import type { VaultAnswer } from "../vault-request.ts";
import { failureOf } from "./failure-of.ts";
import { numberIn, objectIn, textIn } from "./read-answer.ts";

/**
 * The token that a login or a renewal was answered with.
 * @param method names the login in errors.
 * @throws SecretError `SECRET_LOGIN_FAILED` when it was refused, and those of {@link failureOf}.
 */
export function leaseOf(answer: VaultAnswer, method: string): VaultLease {
  if (isRefusal(answer.status))
    throw new SecretError(
      "SECRET_LOGIN_FAILED",
      `Vault refuses the ${method} login (status ${answer.status})`,
    );
  if (answer.status !== 200) throw failureOf(answer);
  const auth = objectIn(answer.body, "auth");
  return {
    token: textIn(auth, "client_token"),
    leaseMs: numberIn(auth, "lease_duration") * 1_000,
    renewable: auth["renewable"] === true,
  };
}

/** Whether Vault looked at the credentials and did not like them. */
export function isRefusal(status: number): boolean {
  return status === 400 || status === 401 || status === 403 || status === 404;
}
