import { createDecipheriv } from "node:crypto";
import { SecretError } from "../../errors.ts";

export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/**
 * Opens AES-256-GCM as Symbiont writes it, with nothing bound to it. The message is the caller's to zero.
 * @throws SecretError `SECRET_WRONG_KEY`; these formats cannot tell a wrong key from a changed file.
 */
export function openSealed(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array {
  if (nonce.length !== NONCE_BYTES || sealed.length < TAG_BYTES)
    throw new SecretError(
      "SECRET_FORMAT_INVALID",
      "the sealed data is too short, or its nonce is not 12 bytes long",
    );
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const message = decipher.update(sealed.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
    return Uint8Array.from(message);
  } catch {
    throw new SecretError("SECRET_WRONG_KEY", "wrong key, or the file was changed");
  } finally {
    message.fill(0);
  }
}
