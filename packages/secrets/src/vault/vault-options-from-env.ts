import { credentialFromFile } from "./credential-from-file.ts";
import { tokenLogin } from "./logins/token-login.ts";
import type { VaultLogin } from "./vault-login.ts";
import type { VaultOptions } from "./vault-options.ts";

// Each of these would change whom we trust or how we prove ourselves, and plain `fetch` cannot do it.
const NOT_HONOURED = [
  "SKIP_VERIFY",
  "CACERT",
  "CACERT_BYTES",
  "CAPATH",
  "CLIENT_CERT",
  "CLIENT_KEY",
  "TLS_SERVER_NAME",
] as const;

/** Options that the environment gives. */
export interface VaultEnvironment extends Pick<VaultOptions, "address" | "namespace"> {
  /** Present when there is a token, which is read from the environment at every login. */
  readonly login?: VaultLogin;
  /**
   * Names of variables that are set and are not honoured: the verification of TLS cannot be switched off, and files
   * of certificates need a `fetch` of your own.
   */
  readonly ignored: readonly string[];
}

/**
 * Reads `BAO_ADDR`, `BAO_NAMESPACE` and `BAO_TOKEN` or the file `BAO_TOKEN_PATH`; where `BAO_ADDR` is not set, all of
 * their `VAULT_` twins. A token for one server is never sent to the other.
 *
 * Differs from Symbiont: `VAULT_SKIP_VERIFY` is never honoured, whatever its value.
 * @throws TypeError when there is no address.
 */
export function vaultOptionsFromEnv(
  env: Readonly<Record<string, string | undefined>> = process.env,
): VaultEnvironment {
  const family = env["BAO_ADDR"] ? "BAO" : "VAULT";
  const read = (name: string): string | undefined => env[`${family}_${name}`] || undefined;
  const address = read("ADDR");
  if (address === undefined) throw new TypeError("neither BAO_ADDR nor VAULT_ADDR is set");
  const namespace = read("NAMESPACE");
  const tokenPath = read("TOKEN_PATH");
  const hasToken = read("TOKEN") !== undefined;
  return {
    address,
    ...(namespace !== undefined && { namespace }),
    ...(hasToken && { login: tokenLogin(() => read("TOKEN") ?? "") }),
    ...(!hasToken && tokenPath !== undefined && { login: tokenLogin(credentialFromFile(tokenPath)) }),
    ignored: ["BAO", "VAULT"]
      .flatMap((prefix) => NOT_HONOURED.map((name) => `${prefix}_${name}`))
      .filter((name) => (env[name] ?? "") !== ""),
  };
}
