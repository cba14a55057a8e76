import type { EngineName, SignatureFormat } from "./engine.ts";
import { engineNamed } from "./engine-choice.ts";
import { isIllFormed, type Message, messageBytes } from "./message.ts";
import type { PublicKey } from "./public-key.ts";
import { checkFormat, isWellEncoded } from "./signature-format.ts";

/** Options of {@link verify}. */
export interface VerifyOptions {
  /** Encoding of an ES256 signature; the other one is refused. Default `"der"`. Ed25519: always 64 bytes. */
  readonly format?: SignatureFormat;
  /** Default: the runtime's where there is one. */
  readonly engine?: EngineName;
}

/**
 * Tells whether the key's owner signed exactly these bytes, or the UTF-8 form of this text.
 *
 * ES256: strict encoding, r and s in [1, n-1], both halves of s. Ed25519: S below the group order, R not of
 * small order, the equation without cofactor. A malformed signature, ill-formed text or a failure inside the engine is `false`.
 *
 * @throws TypeError on an argument or option of the wrong type (never because of a signature).
 * @throws KeysError `KEY_ENGINE_UNAVAILABLE`
 * @see RFC 7518 section 3.4, RFC 8032 section 5.1.7
 */
export function verify(
  key: PublicKey,
  signature: Uint8Array,
  data: Message,
  options: VerifyOptions = {},
): boolean {
  const format = checkFormat(options.format);
  const engine = engineNamed(options.engine);
  if (!isWellEncoded(key, signature, format) || isIllFormed(data)) return false;
  const bytes = messageBytes(data);
  try {
    return engine.verify(key, signature, bytes, format);
  } catch {
    return false;
  }
}
