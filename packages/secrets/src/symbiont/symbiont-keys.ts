import { join, resolve } from "node:path";
import { FilestoreError, readPrivateFile } from "@symbiont/filestore";
import { decodeUtf8 } from "@symbiont/kit";
import { SecretError } from "../errors.ts";
import { fileError } from "../file/internal/file-error.ts";
import { realPath } from "../file/internal/real-path.ts";
import type { KeyMaterial, LocalKeyProvider } from "../key-provider.ts";

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

const MAX_KEY_FILE_BYTES = 4096;

/** Takes a password from an environment variable, unchanged: `key.provider = "env"`. */
export function symbiontEnvironmentKey(
  variable: string,
  environment: Environment = process.env,
): LocalKeyProvider {
  return provider(`symbiont-env:${variable}`, async () => passphrase(environment[variable]));
}

/**
 * Takes a password from a file, white space trimmed on both ends: `key.provider = "file"`.
 *
 * Differs from Symbiont: a file that others may read is refused.
 */
export function symbiontKeyFile(path: string): LocalKeyProvider {
  const absolute = resolve(path);
  return provider(`symbiont-file:${absolute}`, () => keyFromFile(absolute));
}

/** Where the master key is looked for. */
export interface MasterKeyOptions {
  /** Asked first; Symbiont's own entry has the service `symbiont` and the account `secrets`. Default nobody. */
  readonly keychain?: LocalKeyProvider;
  /** Default `process.env`. */
  readonly environment?: Environment;
}

/**
 * Looks for the master key where Symbiont's command line does: keychain, `SYMBIONT_MASTER_KEY`, then the file
 * `SYMBIONT_MASTER_KEY_FILE`, `$XDG_STATE_HOME/symbiont/master.key` or `$HOME/.symbi/master.key`.
 *
 * Differs from Symbiont: no key is ever made, and a keychain that fails is an error instead of a reason to look on.
 */
export function symbiontMasterKey({
  keychain,
  environment = process.env,
}: MasterKeyOptions = {}): LocalKeyProvider {
  return provider("symbiont-master-key", async (request) => {
    const fromKeychain = await keychain?.load(request);
    if (fromKeychain !== undefined) return fromKeychain;
    const fromEnvironment = passphrase(environment["SYMBIONT_MASTER_KEY"]);
    if (fromEnvironment !== undefined) return fromEnvironment;
    const path = masterKeyPath(environment);
    return path === undefined ? undefined : keyFromFile(path);
  });
}

function provider(id: string, load: LocalKeyProvider["load"]): LocalKeyProvider {
  return { type: "local", id, load };
}

function passphrase(text: string | undefined): KeyMaterial | undefined {
  return text === undefined || text === "" ? undefined : { kind: "passphrase", passphrase: text };
}

function masterKeyPath(environment: Environment): string | undefined {
  const { SYMBIONT_MASTER_KEY_FILE: named, XDG_STATE_HOME: state, HOME: home } = environment;
  if (named !== undefined) return resolve(named);
  if (state !== undefined) return join(state, "symbiont", "master.key");
  return home === undefined ? undefined : join(home, ".symbi", "master.key");
}

async function keyFromFile(path: string): Promise<KeyMaterial | undefined> {
  let bytes: Uint8Array;
  try {
    ({ bytes } = await readPrivateFile(realPath(path), { maxBytes: MAX_KEY_FILE_BYTES }));
  } catch (error) {
    if (FilestoreError.is(error) && error.code === "FILE_NOT_FOUND") return undefined;
    throw fileError(error);
  }
  try {
    // White space as Rust trims it, which is not quite what JavaScript trims.
    return passphrase(
      decodeUtf8(bytes)
        .replace(/^\p{White_Space}+/u, "")
        .replace(/\p{White_Space}+$/u, ""),
    );
  } catch {
    throw new SecretError("SECRET_KEY_INVALID", "the key file is not UTF-8 text");
  } finally {
    bytes.fill(0);
  }
}
