import { decodeUtf8 } from "@symbiont/kit";
import { assertNotAborted } from "../../internal/abortable.ts";
import { type KeyTextOptions, keyReader } from "../../internal/key-reader.ts";
import type { LocalKeyProvider } from "../../key-provider.ts";

/** How a key is read from an environment variable. */
export interface EnvKeyOptions extends KeyTextOptions {
  /**
   * Delete the variable when it is first read; this provider, and no other one of that name, then keeps the value
   * for later loads. Child processes started afterwards do not inherit it. The system's own copy stays: who may read `/proc/<pid>/environ` still
   * finds it there, and worker threads that run already have copies. Default false.
   */
  readonly unset?: boolean;
  /** Where the variable is, looked at on every load. Not with `unset`. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Takes the key from an environment variable, as it is: nothing is trimmed. Without the variable there is no key;
 * an empty one is a wrong key. Its id is `env:<name>`.
 *
 * The environment of a process is visible to its user and to root, is inherited by its children and ends up in
 * crash reports: prefer a file or a keychain.
 * @throws TypeError, RangeError on a wrong name or option.
 */
export function envKey(name: string, options: EnvKeyOptions = {}): LocalKeyProvider {
  if (typeof name !== "string" || !/^[^=\0]+$/.test(name))
    throw new TypeError("name must be the name of an environment variable");
  const { unset = false, environment } = options;
  if (typeof unset !== "boolean") throw new TypeError("unset must be a boolean");
  if (unset && environment !== undefined)
    throw new TypeError("unset is for the environment of the process, and must be false with environment");
  const id = `env:${name}`;
  const read = keyReader(id, options);
  const variable = unset ? takenVariable(name) : () => (environment ?? process.env)[name];
  return Object.freeze({
    type: "local",
    id,
    load: async ({ signal }) => {
      assertNotAborted(signal);
      const text = variable();
      return text === undefined ? undefined : read(text);
    },
  } satisfies LocalKeyProvider);
}

/** Removes the variable and keeps its value as bytes, outside the JavaScript heap. */
function takenVariable(name: string): () => string | undefined {
  let kept: Uint8Array | undefined;
  return () => {
    const text = process.env[name];
    if (text !== undefined) {
      kept?.fill(0);
      // Not the strict encoder: a lone surrogate becomes a replacement character, which the reader refuses.
      kept = new TextEncoder().encode(text);
      delete process.env[name];
    }
    return kept && decodeUtf8(kept);
  };
}
