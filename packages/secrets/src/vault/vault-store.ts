import { createSecretStore, type SecretStoreOptions } from "../create-secret-store.ts";
import type { SecretStore } from "../store.ts";
import { type VaultBackendOptions, vaultBackend } from "./vault-backend.ts";
import type { VaultClient } from "./vault-client.ts";

/** Everything a store over a Vault takes. */
export interface VaultStoreOptions extends VaultBackendOptions, SecretStoreOptions {
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Makes a store of the KV engine of a Vault or OpenBao. Closing the client ends the store.
 * @throws TypeError or RangeError for a wrong option.
 */
export function vaultStore(client: VaultClient, options: VaultStoreOptions = {}): SecretStore {
  return createSecretStore(vaultBackend(client, options), options);
}
