import type { Environment, SecretHandle } from "@symbiont/kit";
import type { SecretStore } from "@symbiont/secrets";
import type { SandboxConfig } from "../guard-config.ts";
import { GuardError } from "../guard-error.ts";

const DEFAULT_VARIABLE = "E2B_API_KEY";

/**
 * The key of the hosted tier, lent at each use: one of the secrets as it is then, or a variable.
 * @throws GuardError `GUARD_CONFIG_INVALID` when the variable is not there.
 */
export function hostedKey(
  { env: variable = DEFAULT_VARIABLE, secret: name }: NonNullable<SandboxConfig["apiKey"]> = {},
  { env, secrets }: { readonly env: Environment; readonly secrets: SecretStore | undefined },
): SecretHandle {
  if (name !== undefined && secrets !== undefined)
    return {
      use: async (use) => {
        const secret = await secrets.get(name);
        try {
          return await secret.use(use);
        } finally {
          secret.dispose();
        }
      },
    };
  const text = env[variable] ?? "";
  if (text === "") {
    const fix = `set ${variable}, or name a variable or a secret that holds the key`;
    const problems = [{ path: "sandbox.apiKey", found: "nothing", fix }];
    throw new GuardError("GUARD_CONFIG_INVALID", "the configuration cannot be used", { problems });
  }
  return {
    use: async (use) => {
      const bytes = new TextEncoder().encode(text);
      try {
        return await use(bytes);
      } finally {
        bytes.fill(0);
      }
    },
  };
}
