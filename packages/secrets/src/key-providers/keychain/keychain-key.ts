import { type KeyTextOptions, keyReader } from "../../internal/key-reader.ts";
import { checkedTimeout, withinTime } from "../../internal/within-time.ts";
import type { LocalKeyProvider } from "../../key-provider.ts";
import { checkedCoordinates, type KeychainCoordinates, keychainId } from "./keychain-coordinates.ts";
import { loadKeyring, openEntry } from "./keyring-module.ts";
import { SecretService } from "./secret-service.ts";

const DEFAULT_TIMEOUT_MS = 10_000;

/** How a key is read from the keychain. */
export interface KeychainKeyOptions extends KeyTextOptions {
  /**
   * How long the keychain may take, in milliseconds: it may ask a person to unlock it. Default 10000. The question
   * to the person stays open, and one of Node's worker threads with it, until it is answered.
   */
  readonly timeoutMs?: number;
}

/**
 * Takes the key from the keychain of the operating system: Keychain on macOS, Credential Manager on Windows, the
 * Secret Service elsewhere, and never the keyring of the Linux kernel. Without the entry there is no key. Its id is
 * `keychain:<service>/<account>`. Needs the optional module `@napi-rs/keyring`.
 *
 * Symbiont finds the same entry under the same coordinates; its own is `{ service: "symbiont", account: "secrets" }`,
 * and it takes the text: `{ kind: "passphrase" }`.
 * @throws TypeError, RangeError on wrong coordinates or options.
 */
export function keychainKey(
  coordinates: KeychainCoordinates,
  options: KeychainKeyOptions = {},
): LocalKeyProvider {
  const entry = checkedCoordinates(coordinates);
  const id = keychainId(entry);
  const read = keyReader(id, options);
  const timeoutMs = checkedTimeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  return Object.freeze({
    type: "local",
    id,
    load: ({ signal }) =>
      withinTime({ id, timeoutMs, signal }, async (signal) => {
        const keyring = await loadKeyring(id);
        await usingSecretService(id, signal, async () => undefined);
        const text = await (await openEntry(keyring, id, entry)).getPassword();
        return text === null ? undefined : read(text);
      }),
  } satisfies LocalKeyProvider);
}

/**
 * Lends the Secret Service where it is the keychain; elsewhere `use` gets nothing. Also the way to start it without
 * blocking: the native module would wait for it on the main thread.
 */
export async function usingSecretService<T>(
  id: string,
  signal: AbortSignal,
  use: (secretService: SecretService | undefined) => Promise<T>,
): Promise<T> {
  if (process.platform === "darwin" || process.platform === "win32") return use(undefined);
  const secretService = await SecretService.connect(id, signal);
  try {
    return await use(secretService);
  } finally {
    secretService.close();
  }
}
