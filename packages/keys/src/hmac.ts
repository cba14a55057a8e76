import { RuntimeHmac } from "@symbiont/kit/runtime-hmac";
import { nobleHmac, nobleSha256 } from "#noble-hashes";
import { fromBinaryText } from "./byte-string.ts";
import { checkMessage, type Message, messageBytes } from "./message.ts";
import { type RuntimeCrypto, runtimeCrypto } from "./runtime-crypto.ts";

let secretOf: (key: HmacKey) => Uint8Array;
const prepared = new WeakMap<HmacKey, RuntimeHmac>();

/**
 * A key for {@link hmacSha256} that is used often: it is prepared once, not at each call, which on Node 24 costs
 * several times the digest. The bytes are copied and never shown again.
 */
export class HmacKey {
  readonly #secret: Uint8Array;

  static {
    secretOf = (key) => key.#secret;
  }

  /** @throws RangeError when the key is empty: anyone could make its tags. */
  constructor(secret: Uint8Array) {
    this.#secret = new Uint8Array(checkSecret(secret)); // not slice(), which in a Buffer shares the memory
    Object.freeze(this);
  }
}

/**
 * HMAC-SHA-256 (RFC 2104) of bytes, or of the UTF-8 form of text. Compare tags with `constantTimeEqual`.
 * @throws RangeError when the key is empty.
 * @throws KeysError `KEY_TEXT_INVALID` when text holds a lone surrogate.
 */
export function hmacSha256(key: Uint8Array | HmacKey, data: Message): Uint8Array {
  const runtime = runtimeCrypto();
  if (runtime === undefined) {
    return nobleHmac()(
      nobleSha256(),
      key instanceof HmacKey ? secretOf(key) : checkSecret(key),
      messageBytes(data),
    );
  }
  const message = checkMessage(data);
  if (!(key instanceof HmacKey))
    return fromBinaryText(runtime.createHmac("sha256", checkSecret(key)).update(message).digest("binary"));
  const hmac = preparedFor(key, runtime);
  return fromBinaryText(typeof message === "string" ? hmac.tag(message) : hmac.tag("", message));
}

function preparedFor(key: HmacKey, runtime: RuntimeCrypto): RuntimeHmac {
  let hmac = prepared.get(key);
  if (hmac === undefined) {
    hmac = new RuntimeHmac(runtime, "sha256", secretOf(key));
    prepared.set(key, hmac);
  }
  return hmac;
}

function checkSecret(secret: Uint8Array): Uint8Array {
  if (!(secret instanceof Uint8Array)) throw new TypeError("key must be a Uint8Array or an HmacKey");
  if (secret.length === 0) throw new RangeError("key must not be empty");
  return secret;
}
