import type { AuditSink, Environment, SecretHandle } from "@symbiont/kit";
import type { SecretStore } from "@symbiont/secrets";
import type { SandboxConfig } from "../guard-config.ts";
import { GuardError } from "../guard-error.ts";

const DEFAULT_VARIABLE = "E2B_API_KEY";
/** Of a variable, as records have it. */
const NAME = "sandbox/api-key";

/**
 * The key of the hosted tier, lent at each use: one of the secrets as it is then, or a variable.
 * @throws GuardError `GUARD_CONFIG_INVALID` when the variable is not there.
 */
export async function hostedKey(
  { env: variable = DEFAULT_VARIABLE, secret }: NonNullable<SandboxConfig["apiKey"]> = {},
  {
    env,
    secrets,
    audit,
  }: { readonly env: Environment; readonly secrets: SecretStore | undefined; readonly audit: AuditSink },
): Promise<SecretHandle> {
  if (secret !== undefined && secrets !== undefined) return lent(secrets, secret);
  if ((env[variable] ?? "") === "") {
    const fix = `set ${variable}, or name a variable or a secret that holds the key`;
    const problems = [{ path: "sandbox.apiKey", found: "nothing", fix }];
    throw new GuardError("GUARD_CONFIG_INVALID", "the configuration cannot be used", { problems });
  }
  const { envStore } = await import("@symbiont/secrets");
  return lent(envStore({ variables: { [NAME]: variable }, env, audit }), NAME);
}

function lent(source: SecretStore, name: string): SecretHandle {
  return {
    use: async (use) => {
      const secret = await source.get(name);
      try {
        return await secret.use(use);
      } finally {
        secret.dispose();
      }
    },
  };
}
