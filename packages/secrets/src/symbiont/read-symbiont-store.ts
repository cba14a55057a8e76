import { SecretError } from "../errors.ts";
import type { LocalKeyProvider } from "../key-provider.ts";
import type { Secret } from "../secret.ts";
import { envEntries } from "./formats/env-entries.ts";
import { jsonEntries } from "./formats/json-entries.ts";
import type { ReadEntries } from "./formats/plain-format.ts";
import { tomlEntries } from "./formats/toml-entries.ts";
import { yamlEntries } from "./formats/yaml-entries.ts";
import { readSymbiontFile, secretsOf, takeText } from "./internal/read-symbiont-file.ts";
import { openSymbiontEnvelope } from "./open-symbiont-envelope.ts";

/** How the names and values of a file store are written; `format` in its configuration. */
export type SymbiontFormat = "json" | "yaml" | "toml" | "env";

/** How a file of Symbiont's file store is read. */
export interface SymbiontStoreOptions {
  /**
   * Gives the password, as text; `"none"` for a file in the clear (`encryption.enabled = false`, which is Symbiont's
   * default). Never guessed.
   */
  readonly keyProvider: LocalKeyProvider | "none";
  /** Default `json`. YAML needs the package `yaml`, TOML the package `smol-toml`. */
  readonly format?: SymbiontFormat;
  /** What `$NAME` in a dotenv file may stand for, before names of the file itself. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

const FORMATS: Readonly<Record<SymbiontFormat, ReadEntries>> = {
  json: jsonEntries,
  yaml: yamlEntries,
  toml: tomlEntries,
  env: envEntries,
};

/**
 * Reads every secret of a file that Symbiont's file store opens, encrypted or in the clear.
 * @throws SecretError `SECRET_STORE_MISSING`, `SECRET_FILE_NOT_PRIVATE`, `SECRET_WRONG_KEY`,
 * `SECRET_FORMAT_INVALID`, `SECRET_TOO_LARGE`, `SECRET_KEY_MISSING`, `SECRET_KEY_INVALID`, `SECRET_UNAVAILABLE` when
 * the parser of the format is not installed; what the provider throws.
 */
export async function readSymbiontStore(
  path: string,
  options: SymbiontStoreOptions,
): Promise<ReadonlyMap<string, Secret>> {
  const { keyProvider, format = "json", environment = process.env, signal } = options;
  if (!Object.hasOwn(FORMATS, format)) throw new TypeError('format must be "json", "yaml", "toml" or "env"');
  if (keyProvider !== "none" && keyProvider?.type !== "local")
    throw new TypeError('keyProvider must be a local key provider, or "none" for a file in the clear');
  if (signal?.aborted === true) throw new SecretError("SECRET_ABORTED", "the call was aborted");
  const file = await readSymbiontFile(path);
  const plain =
    keyProvider === "none"
      ? file
      : await openSymbiontEnvelope(file, keyProvider, signal === undefined ? {} : { signal });
  return secretsOf(await FORMATS[format](takeText(plain), { environment }));
}
