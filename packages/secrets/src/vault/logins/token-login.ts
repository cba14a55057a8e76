import { SecretError } from "../../errors.ts";
import { credentialText, type VaultCredential } from "../credential.ts";
import { failureOf } from "../internal/failure-of.ts";
import { isRefusal } from "../internal/lease-of.ts";
import { numberIn, objectIn } from "../internal/read-answer.ts";
import type { VaultLogin } from "../vault-login.ts";

/**
 * Uses a token that somebody else got, for example a Vault agent that keeps it in a file. When it has run out it is
 * asked for again. The token needs the right to look itself up, which the default policy gives.
 */
export function tokenLogin(token: VaultCredential): VaultLogin {
  return {
    method: "token",
    async login(calls) {
      const text = await credentialText(token, "token");
      const answer = await calls.send(
        { method: "GET", path: ["auth", "token", "lookup-self"], repeat: "always" },
        text,
      );
      if (isRefusal(answer.status))
        throw new SecretError("SECRET_LOGIN_FAILED", `Vault refuses the token (status ${answer.status})`);
      if (answer.status !== 200) throw failureOf(answer);
      const data = objectIn(answer.body, "data");
      return { token: text, leaseMs: numberIn(data, "ttl") * 1_000, renewable: data["renewable"] === true };
    },
  };
}
