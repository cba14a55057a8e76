import { createHash } from "node:crypto";
import type { LocalKeyProvider } from "../key-provider.ts";
import type { Secret } from "../secret.ts";
import { jsonEntries } from "./formats/json-entries.ts";
import { NONCE_BYTES, openSealed } from "./internal/open-sealed.ts";
import { readSymbiontFile, secretsOf, takeText } from "./internal/read-symbiont-file.ts";
import { symbiontPassword } from "./internal/symbiont-password.ts";

/**
 * Reads every secret of `.symbi/secrets.enc`, the store of Symbiont's interactive shell.
 *
 * Differs from Symbiont: a missing file is an error, not an empty store.
 * @param keyProvider gives the passphrase: the text of `SYMBIONT_MASTER_KEY`, or the trimmed text of
 * `.symbi/master.key`, which is hashed as text although it looks like base64.
 * @throws SecretError `SECRET_STORE_MISSING`, `SECRET_FILE_NOT_PRIVATE`, `SECRET_WRONG_KEY`,
 * `SECRET_FORMAT_INVALID`, `SECRET_KEY_MISSING`, `SECRET_KEY_INVALID`; what the provider throws.
 */
export async function readSymbiontShellStore(
  path: string,
  { keyProvider, signal }: { readonly keyProvider: LocalKeyProvider; readonly signal?: AbortSignal },
): Promise<ReadonlyMap<string, Secret>> {
  const file = await readSymbiontFile(path);
  const password = await symbiontPassword(keyProvider, signal);
  const key = createHash("sha256").update(password).digest();
  password.fill(0);
  try {
    const plain = openSealed(key, file.subarray(0, NONCE_BYTES), file.subarray(NONCE_BYTES));
    return secretsOf(jsonEntries(takeText(plain)));
  } finally {
    key.fill(0);
  }
}
