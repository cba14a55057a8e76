import { encodeUtf8 } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import { Secret } from "../../secret.ts";
import { PlainValue } from "../../secret-value.ts";
import { credentialText, type VaultCredential } from "../credential.ts";
import { failureOf } from "../internal/failure-of.ts";
import { isRefusal, leaseOf } from "../internal/lease-of.ts";
import { objectIn, textIn } from "../internal/read-answer.ts";
import { checkedPath } from "../internal/vault-path.ts";
import type { VaultLogin, VaultLoginCalls } from "../vault-login.ts";

/** How to log in with an AppRole: with a secret id, or with the token that one is wrapped in, or with neither. */
export interface AppRoleLoginOptions {
  readonly roleId: VaultCredential;
  /** Left out for roles that are bound to network addresses only. */
  readonly secretId?: VaultCredential;
  readonly wrappedSecretId?: WrappedSecretId;
  /** Where the method is mounted below `auth/`. Default `approle`. */
  readonly mount?: string;
}

/** A secret id that nobody has seen since Vault made it. */
export interface WrappedSecretId {
  /** Good for one use: when it fails, somebody else was first. */
  readonly token: VaultCredential;
  /** Name of the role. Then a token in which something else was wrapped is refused. Default not checked. */
  readonly roleName?: string;
}

/**
 * Logs in with an AppRole. A wrapped secret id is unwrapped once and kept, in memory, for as long as Vault accepts it.
 * @throws TypeError when both kinds of secret id are given.
 */
export function appRoleLogin(options: AppRoleLoginOptions): VaultLogin {
  const { roleId, secretId, wrappedSecretId } = options;
  if (secretId !== undefined && wrappedSecretId !== undefined)
    throw new TypeError("secretId and wrappedSecretId exclude each other");
  const mount = checkedPath("mount", options.mount ?? "approle");
  let unwrapped: Secret | undefined;

  const currentSecretId = async (calls: VaultLoginCalls): Promise<VaultCredential | undefined> => {
    if (wrappedSecretId === undefined) return secretId;
    unwrapped ??= await unwrap(calls, wrappedSecretId, mount);
    return unwrapped;
  };

  return {
    method: "approle",
    async login(calls) {
      const credential = await currentSecretId(calls);
      const body = {
        role_id: await credentialText(roleId, "role id"),
        ...(credential !== undefined && { secret_id: await credentialText(credential, "secret id") }),
      };
      const path = ["auth", ...mount, "login"];
      const answer = await calls.send({ method: "POST", path, body, repeat: "always" });
      if (isRefusal(answer.status)) {
        unwrapped?.dispose();
        unwrapped = undefined;
      }
      return leaseOf(answer, "approle");
    },
  };
}

async function unwrap(
  calls: VaultLoginCalls,
  wrapped: WrappedSecretId,
  mount: readonly string[],
): Promise<Secret> {
  const token = await credentialText(wrapped.token, "wrapping token");
  if (wrapped.roleName !== undefined)
    await assertWrappedAt(calls, token, [...mount, "role", wrapped.roleName]);
  const path = ["sys", "wrapping", "unwrap"];
  const answer = await calls.send({ method: "POST", path, body: {}, repeat: "not-executed" }, token);
  if (isRefusal(answer.status)) throw spent();
  if (answer.status !== 200) throw failureOf(answer);
  const secretId = textIn(objectIn(answer.body, "data"), "secret_id");
  return new Secret("secret id", 1, new PlainValue(encodeUtf8(secretId)));
}

async function assertWrappedAt(
  calls: VaultLoginCalls,
  token: string,
  role: readonly string[],
): Promise<void> {
  const path = ["sys", "wrapping", "lookup"];
  const answer = await calls.send({ method: "POST", path, body: { token }, repeat: "always" });
  if (isRefusal(answer.status)) throw spent();
  if (answer.status !== 200) throw failureOf(answer);
  const created = textIn(objectIn(answer.body, "data"), "creation_path");
  if (created === ["auth", ...role, "secret-id"].join("/")) return;
  throw new SecretError("SECRET_LOGIN_FAILED", "the wrapping token does not hold a secret id of that role");
}

function spent(): SecretError {
  return new SecretError(
    "SECRET_LOGIN_FAILED",
    "the wrapping token was used before, has run out or is none: somebody else may have the secret id",
  );
}
