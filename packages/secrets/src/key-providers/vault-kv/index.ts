import { SecretError } from "../../errors.ts";
import {
  invalidKey,
  type KeyReader,
  type KeyTextOptions,
  keyReader,
  textOf,
} from "../../internal/key-reader.ts";
import type { KeyMaterial, LocalKeyProvider } from "../../key-provider.ts";
import { checkedPath } from "../../vault/internal/vault-path.ts";
import { type VaultBackendOptions, vaultBackend } from "../../vault/vault-backend.ts";
import type { VaultClient } from "../../vault/vault-client.ts";

export type { KeyTextOptions } from "../../internal/key-reader.ts";

/** Where a key is kept in a Vault, and what kind it is. */
export interface VaultKvKeyOptions
  extends KeyTextOptions,
    Pick<VaultBackendOptions, "mount" | "engine" | "field"> {
  /** Path of the entry below the mount. */
  readonly path: string;
}

/**
 * Takes the key from an entry of the KV engine of a Vault or OpenBao. Without the entry there is no key. Its id is
 * `vault-kv:<mount>/<path>#<field>`.
 *
 * Whoever may read the entry has the key: prefer `vaultTransitKey`, with which it never leaves Vault.
 * @throws TypeError, RangeError for a wrong option.
 */
export function vaultKvKey(client: VaultClient, options: VaultKvKeyOptions): LocalKeyProvider {
  const { path, mount = "secret", field } = options;
  const id = `vault-kv:${mount}/${path}${field === undefined ? "" : `#${field}`}`;
  const read = keyReader(id, options);
  checkedPath("path", path);
  const backend = vaultBackend(client, options);
  return Object.freeze({
    type: "local",
    id,
    load: async ({ signal }) => {
      const stored = await backend.read(path, signal === undefined ? {} : { signal });
      if (stored === undefined) return undefined;
      let bytes: Uint8Array;
      try {
        const value = await stored.value(stored.metadata.version);
        bytes = value.copy();
        value.dispose();
      } catch (error) {
        if (SecretError.is(error) && error.code === "SECRET_VALUE_INVALID")
          throw invalidKey(id, "finds an entry without a text of that name");
        throw error;
      }
      return keyOf(bytes, read);
    },
  } satisfies LocalKeyProvider);
}

function keyOf(bytes: Uint8Array, read: KeyReader): KeyMaterial {
  try {
    return read(textOf(bytes) ?? bytes);
  } finally {
    bytes.fill(0);
  }
}
