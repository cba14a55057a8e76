import { isAbsolute, join } from "node:path";
import type { KeyTextOptions } from "../../internal/key-reader.ts";
import type { LocalKeyProvider } from "../../key-provider.ts";
import { withoutNewline } from "./file-key.ts";
import { keyFileProvider } from "./key-file-provider.ts";

/**
 * Takes the key from a credential of the systemd service that this process is: `LoadCredential=` or
 * `LoadCredentialEncrypted=` of that name, found in `$CREDENTIALS_DIRECTORY`. Outside of such a service there is
 * no key. Its id is `systemd:<name>`; the file is read as {@link fileKey} reads a mounted one.
 * @throws TypeError, RangeError on a wrong name or option.
 * @see https://systemd.io/CREDENTIALS/
 */
export function systemdKey(name: string, options: KeyTextOptions = {}): LocalKeyProvider {
  if (typeof name !== "string" || !/^[^/\0]{1,255}$/.test(name) || name === "." || name === "..")
    throw new TypeError("name must be the name of a credential");
  return keyFileProvider(`systemd:${name}`, {
    options: { ...options, access: "mounted" },
    clean: withoutNewline,
    path: () => {
      const directory = process.env["CREDENTIALS_DIRECTORY"];
      return directory !== undefined && isAbsolute(directory) ? join(directory, name) : undefined;
    },
  });
}
