import type { SecretMetadata } from "@symbiont/secrets";
import { type SecretKeyOptions, secretKey, withSecretFile } from "../../program/open-secret-file.ts";
import { readSecret, type SecretOptions } from "../../program/read-input.ts";
import type { Answer, Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";

interface FileOptions extends SecretKeyOptions {
  readonly file: string;
}

/** `secrets init`. */
export async function createSecrets(options: FileOptions & { readonly newKey?: boolean }): Promise<Answer> {
  const { file, newKey, keyFile } = options;
  if (newKey === true && keyFile === undefined) throw new UsageError("--new-key needs --key-file");
  const provider =
    newKey === true && keyFile !== undefined
      ? await (await import("@symbiont/secrets/key-providers/file")).createFileKey(keyFile)
      : await secretKey(options);
  const { SecretFile } = await import("@symbiont/secrets/file");
  const created = await SecretFile.create(file, { keyProviders: [provider] });
  await created.close();
  return { data: { file, key: provider.id }, lines: [["ok", `made ${file}`]] };
}

/** `secrets list`. */
export async function listSecrets(options: FileOptions): Promise<Answer> {
  return withSecretFile(options.file, options, async ({ store }) => {
    const names = await store.list();
    return { data: [...names], lines: names.length === 0 ? ["no secrets"] : [...names] };
  });
}

/** `secrets set`. */
export async function setSecret(
  options: FileOptions & SecretOptions,
  task: Task,
  name = "",
): Promise<Answer> {
  const value = await readSecret(options, name, task);
  if (value.length === 0) throw new UsageError("the value is empty");
  return withSecretFile(options.file, options, async ({ store }) => {
    const text = decoded(value);
    const { version } = await store.set(name, text ?? value);
    value.fill(0);
    return { data: { name, version }, lines: [["ok", `${name}: version ${version}`]] };
  });
}

/** `secrets get`. */
export async function getSecret(
  options: FileOptions & { readonly reveal?: boolean },
  task: Task,
  name = "",
): Promise<Answer | undefined> {
  return withSecretFile(options.file, options, async ({ store }) => {
    if (options.reveal === true) {
      const secret = await store.get(name);
      await secret.use(async (bytes) => task.raw(Uint8Array.from(bytes)));
      return undefined;
    }
    const metadata = await store.metadata(name);
    return {
      data: describe(metadata),
      lines: Object.entries(describe(metadata)).map(([key, value]) => `${key}  ${value}`),
    };
  });
}

/** `secrets delete`. */
export async function deleteSecret(options: FileOptions, _: Task, name = ""): Promise<Answer> {
  return withSecretFile(options.file, options, async ({ store }) => {
    const deleted = await store.delete(name);
    return {
      data: { name, deleted },
      lines: [deleted ? ["ok", `${name} is deleted`] : ["bad", `there is no ${name}`]],
      no: !deleted,
    };
  });
}

/** `secrets slots`. */
export async function listSlots(options: FileOptions): Promise<Answer> {
  return withSecretFile(options.file, options, async (file) => {
    const slots = await file.slots();
    return {
      data: slots.map(({ id, kind, label }) => ({ id, kind, label })),
      lines: slots.map(({ id, kind, label }) => `${id}  ${kind}  ${label}`),
    };
  });
}

/** `secrets migrate`. */
export async function migrateSymbiont(
  options: FileOptions & { readonly overwrite?: boolean },
  _: Task,
  source = "",
): Promise<Answer> {
  const { migrateSecrets, readSymbiontStore, symbiontMasterKey } = await import("@symbiont/secrets/symbiont");
  const old = await readSymbiontStore(source, { keyProvider: symbiontMasterKey() });
  return withSecretFile(options.file, options, async (file) => {
    const { created, replaced } = await migrateSecrets(old, file, { overwrite: options.overwrite === true });
    const lines = [`${created.length} created, ${replaced.length} replaced`];
    return {
      data: { created: [...created], replaced: [...replaced] },
      lines: lines.map((line) => ["ok", line]),
    };
  });
}

function describe({
  name,
  version,
  createdAt,
  updatedAt,
  expiresAt,
  rotateAfter,
}: SecretMetadata): Record<string, string> {
  return {
    name,
    version: String(version),
    created: date(createdAt),
    updated: date(updatedAt),
    expires: date(expiresAt),
    "rotate after": date(rotateAfter),
  };
}

function date(ms: number | undefined): string {
  return ms === undefined ? "-" : new Date(ms).toISOString();
}

/** Text stays text, so that `expose` gives it back; anything else is bytes. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
