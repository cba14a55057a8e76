import { SecretError } from "../../errors.ts";
import { generateKeyText } from "../../internal/generate-key-text.ts";
import { checkedTimeout, withinTime } from "../../internal/within-time.ts";
import type { LocalKeyProvider } from "../../key-provider.ts";
import { checkedCoordinates, type KeychainCoordinates, keychainId } from "./keychain-coordinates.ts";
import { type KeychainKeyOptions, keychainKey, usingSecretService } from "./keychain-key.ts";
import { type KeyringEntry, loadKeyring, openEntry } from "./keyring-module.ts";
import type { SecretService } from "./secret-service.ts";

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Generates a key of 32 random bytes and stores it in the keychain of the operating system, as base64. An entry
 * that exists is never replaced.
 *
 * On Linux the key is only kept where it survives a reboot: the Secret Service is asked over the session bus, before
 * for its default keyring and afterwards for the entry itself.
 *
 * Let one program at a time create an entry: keychains know no exclusive creation, and of two keys that are stored
 * at the same moment the later one stays.
 * @returns a provider over the entry.
 * @throws SecretError `SECRET_KEY_EXISTS`; `SECRET_UNAVAILABLE` when the module or a lasting keychain is missing
 * (the message says how to get it) or the entry is not found again; `SECRET_TIMED_OUT`, `SECRET_ABORTED`: the entry
 * may then exist.
 */
export async function createKeychainKey(
  coordinates: KeychainCoordinates,
  options: KeychainKeyOptions & { readonly signal?: AbortSignal } = {},
): Promise<LocalKeyProvider> {
  const { signal, ...rest } = options;
  const provider = keychainKey(coordinates, rest);
  const place = checkedCoordinates(coordinates);
  const id = keychainId(place);
  const timeoutMs = checkedTimeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  await withinTime({ id, timeoutMs, signal }, async (signal) => {
    const keyring = await loadKeyring(id);
    await usingSecretService(id, signal, async (secretService) => {
      const collection = await secretService?.lastingCollection();
      const entry = await openEntry(keyring, id, place);
      if ((await entry.getPassword()) !== null)
        throw new SecretError("SECRET_KEY_EXISTS", `key provider ${id} holds a key already`);
      // Nothing is stored once nobody waits any more.
      signal.throwIfAborted();
      await storeProven(id, entry, () => isKept(place, collection, secretService));
    });
  });
  return provider;
}

async function storeProven(id: string, entry: KeyringEntry, isKept: () => Promise<boolean>): Promise<void> {
  const text = generateKeyText();
  await entry.setPassword(text);
  if ((await entry.getPassword()) !== text)
    throw new SecretError(
      "SECRET_KEY_EXISTS",
      `key provider ${id}: somebody else has stored a key meanwhile`,
    );
  if (await isKept()) return;
  await entry.deleteCredential();
  const fault = "the keychain does not hold what it has taken, so the key would be lost";
  throw new SecretError("SECRET_UNAVAILABLE", `key provider ${id}: ${fault}`, { retryable: false });
}

/** Looks for the item where only the Secret Service could have put it, in the collection that lasts. */
async function isKept(
  { service, account }: KeychainCoordinates,
  collection: string | undefined,
  secretService: SecretService | undefined,
): Promise<boolean> {
  if (secretService === undefined) return true;
  const items = await secretService.items({ service, username: account });
  return items.some((item) => item.startsWith(`${collection}/`));
}
