import type { AuditSink, Environment, Redactor } from "@symbiont/kit";
import type { ModelLog } from "@symbiont/model-log";
import type { SecretStore } from "@symbiont/secrets";
import type { ModelLogConfig, SecretsConfig } from "../guard-config.ts";
import type { Part } from "../parts.ts";

/** What secrets are opened with. */
export interface SecretsContext {
  readonly at: (path: string) => string;
  readonly audit: AuditSink;
  /** Where a key is looked for; not the environment of the process when the guard was given another. */
  readonly env: Environment;
}

/** Opens the encrypted file of secrets. @throws SecretError */
export async function openSecrets(
  { file, key }: SecretsConfig,
  context: SecretsContext,
): Promise<Part<SecretStore>> {
  const { at, audit } = context;
  const { SecretFile } = await import("@symbiont/secrets/file");
  const opened = await SecretFile.open(at(file), { keyProviders: [await keyProvider(key, context)], audit });
  return { port: opened.store, check: async () => opened.slots(), close: async () => opened.close() };
}

async function keyProvider(key: SecretsConfig["key"], { at, env: environment }: SecretsContext) {
  if (key?.env !== undefined)
    return (await import("@symbiont/secrets/key-providers/env")).envKey(key.env, { environment });
  if (key?.file !== undefined)
    return (await import("@symbiont/secrets/key-providers/file")).fileKey(at(key.file));
  return (await import("@symbiont/secrets/symbiont")).symbiontMasterKey({ environment });
}

/** Opens the log of model calls; its key is one of the secrets. */
export async function openModelLog(
  { folder, secret }: ModelLogConfig,
  {
    at,
    source,
    redactor,
    audit,
  }: {
    readonly at: (path: string) => string;
    readonly source: SecretStore;
    readonly redactor: Redactor;
    readonly audit: AuditSink;
  },
): Promise<Part<ModelLog>> {
  const { ModelLog } = await import("@symbiont/model-log");
  const log = ModelLog.open(at(folder), { keys: { kind: "wrapped", source, name: secret }, redactor, audit });
  return { port: log, close: async () => log.close() };
}
