import { SecretError } from "../errors.ts";
import type { SecretFile } from "../file/secret-file.ts";
import type { Secret } from "../secret.ts";
import { checkSecretName } from "../secret-name.ts";
import type { SecretStore } from "../store.ts";
import { writeOneByOne } from "./internal/write-one-by-one.ts";

/** How secrets are moved. */
export interface MigrateOptions {
  /** Replace secrets that are there already. Default false: one that is there stops everything. */
  readonly overwrite?: boolean;
  /** Name of a secret in the target, by its name in the source. Default the same. */
  readonly rename?: (name: string) => string;
  readonly signal?: AbortSignal;
}

/** What a migration did, in names of the target. */
export interface Migration {
  readonly created: readonly string[];
  readonly replaced: readonly string[];
}

/**
 * Writes every secret of a map into a store, all or none. A {@link SecretFile} takes them in one write; in any other
 * store what was written is taken back when something fails, as far as it can be.
 *
 * Source and handles stay as they are: dispose of the handles, and remove the source when the target was backed up.
 * @throws SecretError `SECRET_CONFLICT` when a secret is there already, `SECRET_NAME_INVALID`, before anything is
 * written; what the store throws.
 */
export async function migrateSecrets(
  source: ReadonlyMap<string, Secret>,
  target: SecretStore | SecretFile,
  options: MigrateOptions = {},
): Promise<Migration> {
  const { overwrite = false, rename = (name: string): string => name, signal } = options;
  const secrets = new Map<string, Secret>();
  for (const [name, secret] of source) {
    const renamed = checkSecretName(rename(name));
    if (secrets.has(renamed))
      throw new SecretError("SECRET_NAME_INVALID", "two secrets would have one name", { secret: renamed });
    secrets.set(renamed, secret);
  }
  const asked = { overwrite, ...(signal !== undefined && { signal }) };
  const replaced =
    "setMany" in target ? await target.setMany(secrets, asked) : await writeOneByOne(secrets, target, asked);
  const names = new Set(replaced);
  return { created: [...secrets.keys()].filter((name) => !names.has(name)), replaced };
}
