import { createCipheriv, createDecipheriv } from "node:crypto";
import { concatBytes } from "@symbiont/kit";
import type { MessageKey } from "./derive.ts";

const TAG_BYTES = 16;
const NOTHING = new Uint8Array(0);

/** Seals a message with AES-256-GCM: ciphertext, then 16 bytes of tag. The key is spent: it is zeroed. */
export function sealMessage(
  { key, nonce }: MessageKey,
  message: Uint8Array,
  associatedData: Uint8Array = NOTHING,
): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  key.fill(0);
  cipher.setAAD(associatedData);
  const body = cipher.update(message);
  return concatBytes(body, cipher.final(), cipher.getAuthTag());
}

/**
 * Opens what {@link sealMessage} made; undefined when it is not what was sealed. No byte is released before the tag
 * was checked. The message is in memory of its own, which the caller zeroes. The key is spent: it is zeroed.
 */
export function openMessage(
  { key, nonce }: MessageKey,
  sealed: Uint8Array,
  associatedData: Uint8Array = NOTHING,
): Uint8Array<ArrayBuffer> | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  key.fill(0);
  decipher.setAAD(associatedData);
  decipher.setAuthTag(sealed.subarray(end));
  const body = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
    const message = new Uint8Array(body.length);
    message.set(body);
    return message;
  } catch {
    return undefined;
  } finally {
    body.fill(0);
  }
}
