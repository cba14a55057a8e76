import { dirname, resolve } from "node:path";
import { type Environment, processEnvironment } from "@symbiont/kit";
import { openRead } from "./create-guard.ts";
import { readEnvironment } from "./environment.ts";
import type { Guard } from "./guard.ts";
import type { CheckedConfig, GuardConfig } from "./guard-config.ts";
import type { GuardOptions } from "./guard-options.ts";
import { DEFAULT_CONFIG_FILE, readJsonDocument } from "./read-document.ts";
import { type Relaxation, relaxations } from "./relaxations.ts";

/** The configuration that an environment names, and what the environment adds to it. */
export interface EnvironmentConfig {
  readonly config: GuardConfig;
  /** What paths in it are relative to: the folder of the file. */
  readonly directory: string;
  readonly apiToken?: string;
  /** Names beginning with `SYMBIONT_` that are set and that nothing reads. */
  readonly ignored: readonly string[];
  /** What in the configuration is less strict than the default. */
  readonly relaxed: readonly Relaxation[];
}

/**
 * Opens a guard from the file that `SYMBIONT_CONFIG` names, or `symbiont.config.json` in the working directory. What the
 * environment says counts more than the file: `SYMBIONT_ENV`, `SYMBIONT_TRUSTED_PROXIES`,
 * `SYMBIONT_ESCALATION_TIMEOUT`, `SYMBIONT_API_TOKEN`; `SYMBIONT_MASTER_KEY` and `SYMBIONT_MASTER_KEY_FILE` where
 * `secrets` names no key.
 *
 * @throws GuardError as `createGuard`; `GUARD_ENVIRONMENT_INVALID` for a value that is not understood.
 */
export async function createGuardFromEnv(
  options: Omit<GuardOptions, "directory" | "apiToken"> = {},
): Promise<Guard> {
  const env = options.env ?? processEnvironment() ?? {};
  const { config, directory, apiToken } = await readFrom(env, options);
  return openRead(config, { ...options, env, directory, ...(apiToken !== undefined && { apiToken }) });
}

/** Reads what {@link createGuardFromEnv} would open, and opens nothing. @throws GuardError */
export async function readEnvironmentConfig(env: Environment): Promise<EnvironmentConfig> {
  const { config, ...rest } = await readFrom(env, {});
  const relaxed = relaxations(config, { stages: {}, env });
  // Without stages in their place, a configuration without the members of a stage was refused.
  return { config: config as GuardConfig, relaxed, ...rest };
}

async function readFrom(
  env: Environment,
  options: GuardOptions,
): Promise<Omit<EnvironmentConfig, "config" | "relaxed"> & { readonly config: CheckedConfig }> {
  const { trustedProxies, approvalMs, apiToken, ignored } = readEnvironment(env);
  const named = env["SYMBIONT_CONFIG"];
  const file = resolve(named ?? DEFAULT_CONFIG_FILE);
  const [{ readConfig }, document] = await Promise.all([
    import("./read-config.ts"),
    readJsonDocument(file, named === undefined ? DEFAULT_CONFIG_FILE : "SYMBIONT_CONFIG"),
  ]);
  const read: CheckedConfig = readConfig(document, options);
  return {
    config: {
      ...read,
      ...(trustedProxies !== undefined && { trustedProxies }),
      ...(approvalMs !== undefined && { timeouts: { ...read.timeouts, approvalMs } }),
    },
    directory: dirname(file),
    ...(apiToken !== undefined && { apiToken }),
    ignored,
  };
}
