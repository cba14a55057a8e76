import { decodeBase64, decodeBase64Url, decodeHex, decodeUtf8, isWellFormed } from "@symbiont/kit";
import { SecretError } from "../errors.ts";
import type { KeyMaterial } from "../key-provider.ts";

const KEY_BYTES = 32;
const MIN_PASSPHRASE = 12;
const STRONG_PASSPHRASE = 20;

/** How the text that a provider finds becomes a key. */
export interface KeyTextOptions {
  /**
   * `raw`: 32 random bytes as base64 with padding, base64url without, 64 hexadecimal digits, or (where the
   * source holds bytes) as they are. `passphrase`: goes through Argon2id. `auto`: raw when it is exactly one of
   * those spellings, otherwise a passphrase. Default `auto`.
   */
  readonly kind?: "auto" | "raw" | "passphrase";
  /**
   * Fewest characters of a passphrase, or bytes where it is no text. Default 12; less only to open what somebody
   * else has made.
   */
  readonly minPassphraseLength?: number;
  /**
   * Called with the provider's id whenever a passphrase of fewer than 20 characters is loaded. What it throws,
   * `load` throws. Default nobody.
   */
  readonly onWeakPassphrase?: (providerId: string) => void;
}

/** Makes a key of the text, or of the bytes that are no text, which a provider has found. */
export type KeyReader = (found: string | Uint8Array) => KeyMaterial;

/**
 * Checks the options and gives a reader.
 * @param id of the provider, for messages.
 * @throws TypeError, RangeError on wrong options; the reader throws SecretError `SECRET_KEY_INVALID`.
 */
export function keyReader(id: string, options: KeyTextOptions): KeyReader {
  const { kind = "auto", minPassphraseLength: least = MIN_PASSPHRASE, onWeakPassphrase } = options;
  if (kind !== "auto" && kind !== "raw" && kind !== "passphrase")
    throw new TypeError("kind must be auto, raw or passphrase");
  if (!Number.isSafeInteger(least) || least < 1)
    throw new RangeError("minPassphraseLength must be a whole number of at least 1");
  if (onWeakPassphrase !== undefined && typeof onWeakPassphrase !== "function")
    throw new TypeError("onWeakPassphrase must be a function");

  return (found) => {
    if (found.length === 0) throw invalidKey(id, "holds nothing");
    const key = kind === "passphrase" ? undefined : rawKey(found);
    if (key !== undefined) return { kind: "raw", key: checkedKey(id, key) };
    if (kind === "raw") throw invalidKey(id, "does not hold 32 bytes in base64, base64url or hexadecimal");
    if (kind === "auto" && typeof found !== "string")
      throw invalidKey(id, "holds neither text nor a key of 32 bytes");

    const length = typeof found === "string" ? passphraseLength(id, found) : found.length;
    if (length < least) throw invalidKey(id, `holds a passphrase of fewer than ${least} characters`);
    if (length < STRONG_PASSPHRASE) onWeakPassphrase?.(id);
    return { kind: "passphrase", passphrase: typeof found === "string" ? found : Uint8Array.from(found) };
  };
}

/**
 * What bytes say as text; undefined when they are no text. A NUL marks bytes that are none: no editor and no
 * shell puts one into a passphrase.
 */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return decodeUtf8(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Refuses what cannot be a random key, such as the zeros of an empty disk block or of a buffer that was wiped.
 * @throws SecretError `SECRET_KEY_INVALID`.
 */
export function checkedKey(id: string, key: Uint8Array): Uint8Array {
  if (key.length !== KEY_BYTES) throw invalidKey(id, "gave a key that is not 32 bytes");
  if (key.every((byte) => byte === key[0])) throw invalidKey(id, "gave 32 times the same byte");
  return key;
}

/** Names the provider and what is wrong with its key, never the key. */
export function invalidKey(id: string, fault: string): SecretError {
  return new SecretError("SECRET_KEY_INVALID", `key provider ${id} ${fault}`);
}

/** The key that was found: bytes as they are, text in exactly one strict spelling of 32 bytes. */
function rawKey(found: string | Uint8Array): Uint8Array | undefined {
  if (typeof found === "string") return spelledKey(found);
  return found.length === KEY_BYTES ? Uint8Array.from(found) : undefined;
}

// The lengths tell the spellings apart.
function spelledKey(text: string): Uint8Array | undefined {
  try {
    if (text.length === 64) return decodeHex(/^[0-9A-F]+$/.test(text) ? text.toLowerCase() : text);
    if (text.length === 44) return keyOf(decodeBase64(text));
    if (text.length === 43) return decodeBase64Url(text);
  } catch {
    // Not an encoding of anything: a passphrase that happens to have this length.
  }
  return undefined;
}

// 44 characters of base64 may also stand for 31 or 33 bytes.
function keyOf(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.length === KEY_BYTES ? bytes : undefined;
}

function passphraseLength(id: string, text: string): number {
  // A replacement character stands where the system could not decode a byte: the real passphrase is lost.
  if (!isWellFormed(text) || text.includes("\uFFFD")) throw invalidKey(id, "holds text that is not UTF-8");
  let characters = 0;
  for (const _ of text.normalize("NFC")) characters += 1;
  return characters;
}
