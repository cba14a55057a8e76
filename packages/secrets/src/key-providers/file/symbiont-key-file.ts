import { join, resolve } from "node:path";
import type { KeyTextOptions } from "../../internal/key-reader.ts";
import type { LocalKeyProvider } from "../../key-provider.ts";
import { keyFileProvider } from "./key-file-provider.ts";

const WHITE_SPACE = /^\p{White_Space}$/u;

/** How the key file of a Symbiont installation is read. */
export interface SymbiontKeyFileOptions extends KeyTextOptions {
  /**
   * Default `passphrase`: Symbiont's secret files and logs take the text of the file, also where it looks like
   * base64. Its command line takes the 32 bytes: `raw`.
   */
  readonly kind?: "auto" | "raw" | "passphrase";
  /**
   * Path of the file. Default where Symbiont looks: `$SYMBIONT_MASTER_KEY_FILE`, else
   * `$XDG_STATE_HOME/symbiont/master.key`, else `$HOME/.symbi/master.key`.
   */
  readonly path?: string;
  /** Where the variables of the default are looked up. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Takes the key from the key file of a Symbiont installation, by its rules: white space around the text is not a
 * part of it, and an empty file is no key. Its id is `symbiont-key-file`.
 *
 * Differs from Symbiont: the file must be private also where Symbiont does not look, and its folder too.
 */
export function symbiontKeyFile(options: SymbiontKeyFileOptions = {}): LocalKeyProvider {
  const { path, environment = process.env, ...rest } = options;
  if (path !== undefined && (typeof path !== "string" || path === "" || path.includes("\0")))
    throw new TypeError("path must be the path of a file");
  return keyFileProvider("symbiont-key-file", {
    options: { kind: "passphrase", ...rest },
    path: () => path ?? standardPath(environment),
    clean: (text) => trimmed(text) || undefined,
  });
}

function standardPath(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const variable = (name: string): string | undefined => environment[name] || undefined;
  const file = variable("SYMBIONT_MASTER_KEY_FILE");
  if (file !== undefined) return resolve(file);
  const state = variable("XDG_STATE_HOME");
  if (state !== undefined) return resolve(state, "symbiont", "master.key");
  const home = variable("HOME");
  return home && join(home, ".symbi", "master.key");
}

// Not String.trim: that one also takes U+FEFF and leaves U+0085, and another text is another key.
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && WHITE_SPACE.test(text.charAt(start))) start += 1;
  while (end > start && WHITE_SPACE.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
