import type { AuditSink, Redactor } from "@symbiont/kit";
import type { ModelLog } from "@symbiont/model-log";
import type { SecretStore } from "@symbiont/secrets";
import type { ModelLogConfig, SecretsConfig } from "../guard-config.ts";
import type { Part } from "../parts.ts";

/** Opens the encrypted file of secrets. @throws SecretError */
export async function openSecrets(
  { file, key }: SecretsConfig,
  at: (path: string) => string,
  audit: AuditSink,
): Promise<Part<SecretStore>> {
  const { SecretFile } = await import("@symbiont/secrets/file");
  const opened = await SecretFile.open(at(file), { keyProviders: [await keyProvider(key, at)], audit });
  return { port: opened.store, check: async () => opened.slots(), close: async () => opened.close() };
}

async function keyProvider(key: SecretsConfig["key"], at: (path: string) => string) {
  if (key?.env !== undefined) return (await import("@symbiont/secrets/key-providers/env")).envKey(key.env);
  if (key?.file !== undefined)
    return (await import("@symbiont/secrets/key-providers/file")).fileKey(at(key.file));
  return (await import("@symbiont/secrets/symbiont")).symbiontMasterKey();
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
