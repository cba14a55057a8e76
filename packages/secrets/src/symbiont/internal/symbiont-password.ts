import { encodeUtf8, isWellFormed } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import type { KeyMaterial, LocalKeyProvider } from "../../key-provider.ts";

/** Stores of Symbiont have no id. */
const NO_STORE = "0".repeat(32);

/** Loads what a provider has. @throws SecretError `SECRET_KEY_MISSING`, `SECRET_ABORTED`; what the provider throws. */
export async function loadMaterial(
  provider: LocalKeyProvider,
  signal: AbortSignal | undefined,
): Promise<KeyMaterial> {
  const material = await provider.load({ storeId: NO_STORE, ...(signal !== undefined && { signal }) });
  if (material !== undefined) return material;
  throw new SecretError("SECRET_KEY_MISSING", `key provider ${provider.id} has no key`);
}

/**
 * The bytes of a password, exactly as it was written: Symbiont normalises nothing. They are the caller's.
 * @throws SecretError `SECRET_KEY_INVALID` when there is no text, or only the key that was decoded from it.
 */
export async function symbiontPassword(
  provider: LocalKeyProvider,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const material = await loadMaterial(provider, signal);
  if (material.kind === "raw") {
    material.key.fill(0);
    throw new SecretError(
      "SECRET_KEY_INVALID",
      `key provider ${provider.id} must give the text of the password`,
    );
  }
  const { passphrase } = material;
  if (passphrase.length === 0 || (typeof passphrase === "string" && !isWellFormed(passphrase)))
    throw new SecretError(
      "SECRET_KEY_INVALID",
      `key provider ${provider.id} gave something that is no password`,
    );
  return typeof passphrase === "string" ? encodeUtf8(passphrase) : passphrase;
}
