import { SecretError } from "../../errors.ts";
import type { KeychainCoordinates } from "./keychain-coordinates.ts";

/** The part of `@napi-rs/keyring` that is used. */
export interface KeyringEntry {
  getPassword(): Promise<string | null>;
  setPassword(password: string): Promise<void>;
  deleteCredential(): Promise<boolean>;
}

type KeyringModule = typeof import("@napi-rs/keyring");

/** Loads the optional module. @throws SecretError `SECRET_UNAVAILABLE` with the command that installs it. */
export async function loadKeyring(id: string): Promise<KeyringModule> {
  try {
    return await import("@napi-rs/keyring");
  } catch (error) {
    throw new SecretError(
      "SECRET_UNAVAILABLE",
      `key provider ${id} needs the optional module @napi-rs/keyring: run npm install @napi-rs/keyring`,
      { cause: error, retryable: false },
    );
  }
}

/**
 * Opens an entry. On Linux the module is pinned to the Secret Service: left alone it falls back to the keyring of
 * the kernel, which forgets everything at reboot and would make an unreachable keychain look like an empty one.
 * @throws SecretError `SECRET_UNAVAILABLE`.
 */
export async function openEntry(
  { AsyncEntry }: KeyringModule,
  id: string,
  { service, account }: KeychainCoordinates,
): Promise<KeyringEntry> {
  return guarded(id, async () => {
    const entry = new AsyncEntry(service, account, { linux: { store: "secret-service" } });
    return {
      getPassword: () => guarded(id, () => entry.getPassword()),
      setPassword: (password) => guarded(id, () => entry.setPassword(password)),
      deleteCredential: () => guarded(id, () => entry.deleteCredential()),
    };
  });
}

async function guarded<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new SecretError("SECRET_UNAVAILABLE", `key provider ${id}: the keychain refuses`, { cause: error });
  }
}
