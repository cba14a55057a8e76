import type { EngineName, SignatureFormat } from "./engine.ts";
import { engineNamed } from "./engine-choice.ts";
import { KeysError } from "./error.ts";
import { type Message, messageBytes } from "./message.ts";
import { type PrivateKey, secretOf } from "./private-key.ts";
import { rawToDer, withLowS } from "./signature-encoding.ts";
import { checkFormat } from "./signature-format.ts";

/** Options of {@link sign}. */
export interface SignOptions {
  /** Encoding of an ES256 signature. Default `"der"`. Ed25519 signatures are always 64 bytes. */
  readonly format?: SignatureFormat;
  /**
   * ES256 nonces from key and message (RFC 6979) instead of random ones. Needs the noble engine, which is
   * then the default, and takes about 30 times as long. Ed25519 is deterministic anyway. Default `false`.
   */
  readonly deterministic?: boolean;
  /** Emit the ES256 twin with the lower s, which some verifiers insist on. Default `false`. */
  readonly lowS?: boolean;
  /** Default: `"noble"` for a deterministic ES256 signature, else the runtime's where there is one. */
  readonly engine?: EngineName;
}

/**
 * Signs bytes, or the UTF-8 form of text.
 *
 * Never use a signature as an identity: ES256 signatures of one message differ, and each has a twin.
 *
 * @throws KeysError `KEY_TEXT_INVALID`, `KEY_ENGINE_UNAVAILABLE`, `KEY_ENGINE_FAILED`
 * @throws TypeError on an unknown format or engine, or when the runtime's engine is to be deterministic.
 * @see RFC 6979, RFC 7518 section 3.4, RFC 8032 section 5.1.6
 */
export function sign(key: PrivateKey, data: Message, options: SignOptions = {}): Uint8Array {
  const secret = secretOf(key);
  const format = checkFormat(options.format);
  const engine = engineNamed(options.engine ?? (needsNoble(key, options) ? "noble" : undefined));
  if (engine.name === "runtime" && needsNoble(key, options)) {
    throw new TypeError('engine "runtime" cannot make deterministic ES256 signatures');
  }
  const bytes = messageBytes(data);
  try {
    if (options.lowS !== true || key.algorithm !== "ES256") return engine.sign(key, secret, bytes, format);
    const raw = withLowS(engine.sign(key, secret, bytes, "raw"));
    return format === "raw" ? raw : rawToDer(raw);
  } catch (cause) {
    throw new KeysError("KEY_ENGINE_FAILED", `${engine.name} engine could not sign`, { cause });
  }
}

function needsNoble(key: PrivateKey, options: SignOptions): boolean {
  return options.deterministic === true && key.algorithm === "ES256";
}
