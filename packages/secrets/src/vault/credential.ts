import { decodeUtf8, type SecretHandle } from "@symbiont/kit";
import { SecretError } from "../errors.ts";

const MAX_LENGTH = 16_384;

/**
 * What a login proves itself with: a handle, or a function that is asked anew at every login, for credentials that
 * somebody else renews. See {@link credentialFromFile}.
 */
export type VaultCredential = SecretHandle | (() => CredentialValue | Promise<CredentialValue>);

/** What a credential function gives. */
export type CredentialValue = string | SecretHandle;

/**
 * Fetches a credential.
 * @param what names it in errors, for example `JWT`.
 * @throws SecretError `SECRET_LOGIN_FAILED` unless it is 1 to 16384 visible ASCII characters; what the function throws.
 */
export async function credentialText(credential: VaultCredential, what: string): Promise<string> {
  const value = typeof credential === "function" ? await credential() : credential;
  const text = typeof value === "string" ? value : await exposed(value, what);
  // Anything else breaks the header that carries it, and `fetch` would repeat it in its error.
  if (text.length > 0 && text.length <= MAX_LENGTH && /^[\x21-\x7e]+$/.test(text)) return text;
  const fault = text === "" ? "is empty" : `is not 1 to ${MAX_LENGTH} visible ASCII characters`;
  throw new SecretError("SECRET_LOGIN_FAILED", `the ${what} ${fault}`);
}

async function exposed(handle: SecretHandle, what: string): Promise<string> {
  return handle.use((bytes) => {
    try {
      return decodeUtf8(bytes);
    } catch {
      throw new SecretError("SECRET_LOGIN_FAILED", `the ${what} is not text`);
    }
  });
}
