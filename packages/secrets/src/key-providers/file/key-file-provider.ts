import { assertNotAborted } from "../../internal/abortable.ts";
import { type KeyTextOptions, keyReader, textOf } from "../../internal/key-reader.ts";
import type { LocalKeyProvider } from "../../key-provider.ts";
import { type KeyFileAccess, readKeyFile } from "./read-key-file.ts";

/** How a key is read from a file. */
export interface FileKeyOptions extends KeyTextOptions {
  /**
   * `owner`: a file that only its owner may touch. `mounted`: a credential that the platform has mounted, which
   * may be readable to group and others and be reached through symbolic links. Default `owner`.
   */
  readonly access?: KeyFileAccess;
}

/** A file that holds a key, and how its text is read. */
export interface KeyFileSource {
  readonly options: FileKeyOptions;
  /** Where the file is, asked at every load; undefined when there is no such place. */
  readonly path: () => string | undefined;
  /** Takes from the text what is not a part of the key; undefined when no key is left. */
  readonly clean: (text: string) => string | undefined;
}

/** Makes a provider of a key file. */
export function keyFileProvider(id: string, source: KeyFileSource): LocalKeyProvider {
  const { access = "owner" } = source.options;
  if (access !== "owner" && access !== "mounted") throw new TypeError("access must be owner or mounted");
  const read = keyReader(id, source.options);
  return Object.freeze({
    type: "local",
    id,
    load: async ({ signal }) => {
      assertNotAborted(signal);
      const path = source.path();
      const bytes = path === undefined ? undefined : await readKeyFile({ id, path, access });
      if (bytes === undefined) return undefined;
      try {
        assertNotAborted(signal);
        const text = textOf(bytes);
        const found = text === undefined ? bytes : source.clean(text);
        return found === undefined ? undefined : read(found);
      } finally {
        bytes.fill(0);
      }
    },
  } satisfies LocalKeyProvider);
}
