import { credentialText, type VaultCredential } from "../credential.ts";
import { leaseOf } from "../internal/lease-of.ts";
import { checkedPath } from "../internal/vault-path.ts";
import type { VaultLogin } from "../vault-login.ts";

/** How to log in with a JWT. */
export interface JwtLoginOptions {
  /** A signed token of the configured issuer. Use a function: it is asked again at every login. */
  readonly jwt: VaultCredential;
  /** Default the role that the mount has as its default. */
  readonly role?: string;
  /** Where the method is mounted below `auth/`. Default `jwt`. */
  readonly mount?: string;
}

/** Logs in with a JWT, for example the identity of a CI job. */
export function jwtLogin(options: JwtLoginOptions): VaultLogin {
  const { jwt, role } = options;
  const mount = checkedPath("mount", options.mount ?? "jwt");
  return {
    method: "jwt",
    async login(calls) {
      const body = { ...(role !== undefined && { role }), jwt: await credentialText(jwt, "JWT") };
      const path = ["auth", ...mount, "login"];
      return leaseOf(await calls.send({ method: "POST", path, body, repeat: "always" }), "jwt");
    },
  };
}
