import { decodeBase64, decodeUtf8 } from "@symbiont/kit";
import { SecretError } from "../errors.ts";
import type { LocalKeyProvider } from "../key-provider.ts";
import type { Secret } from "../secret.ts";
import { jsonEntries } from "./formats/json-entries.ts";
import { NONCE_BYTES, openSealed } from "./internal/open-sealed.ts";
import { readSymbiontFile, secretsOf, takeText } from "./internal/read-symbiont-file.ts";
import { loadMaterial } from "./internal/symbiont-password.ts";

const KEY_BYTES = 32;
/** The command leaves its output readable for all; it is sealed, and who changes it is found out. */
const MODE = 0o644;

/**
 * Reads every secret of a file that `symbiont-mcp secrets encrypt` wrote.
 * @param keyProvider gives 32 bytes, or the base64 text of 32 bytes: there is no derivation.
 * @throws SecretError `SECRET_STORE_MISSING`, `SECRET_FILE_NOT_PRIVATE` when others may write, `SECRET_WRONG_KEY`,
 * `SECRET_FORMAT_INVALID`, `SECRET_KEY_MISSING`, `SECRET_KEY_INVALID`; what the provider throws.
 */
export async function readSymbiontCliFile(
  path: string,
  { keyProvider, signal }: { readonly keyProvider: LocalKeyProvider; readonly signal?: AbortSignal },
): Promise<ReadonlyMap<string, Secret>> {
  const file = await readSymbiontFile(path, MODE);
  const key = await rawKey(keyProvider, signal);
  try {
    const plain = openSealed(key, file.subarray(0, NONCE_BYTES), file.subarray(NONCE_BYTES));
    return secretsOf(jsonEntries(takeText(plain)));
  } finally {
    key.fill(0);
  }
}

async function rawKey(provider: LocalKeyProvider, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const material = await loadMaterial(provider, signal);
  const key = material.kind === "raw" ? material.key : decoded(material.passphrase);
  if (key?.length === KEY_BYTES) return key;
  key?.fill(0);
  throw new SecretError(
    "SECRET_KEY_INVALID",
    `key provider ${provider.id} must give base64 of exactly 32 bytes`,
  );
}

/** Bytes of a passphrase are ours: they are zeroed. */
function decoded(passphrase: string | Uint8Array): Uint8Array | undefined {
  try {
    return decodeBase64(typeof passphrase === "string" ? passphrase : decodeUtf8(passphrase));
  } catch {
    return undefined;
  } finally {
    if (typeof passphrase !== "string") passphrase.fill(0);
  }
}
