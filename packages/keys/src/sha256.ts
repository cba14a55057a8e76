import { encodeHex } from "@symbiont/kit";
import { nobleSha256 } from "#noble-hashes";
import { fromBinaryText } from "./byte-string.ts";
import { checkMessage, type Message, messageBytes } from "./message.ts";
import { type RuntimeCrypto, runtimeCrypto } from "./runtime-crypto.ts";

/**
 * SHA-256 of bytes, or of the UTF-8 form of text.
 * @throws KeysError `KEY_TEXT_INVALID` when text holds a lone surrogate.
 */
export function sha256(data: Message): Uint8Array {
  const runtime = runtimeCrypto();
  if (runtime === undefined) return nobleSha256()(messageBytes(data));
  return fromBinaryText(oneShot(runtime, checkMessage(data), "binary"));
}

/**
 * SHA-256 as lower-case hexadecimal. The fastest form: on small inputs a byte array costs as much again.
 * @throws KeysError `KEY_TEXT_INVALID` when text holds a lone surrogate.
 */
export function sha256Hex(data: Message): string {
  const runtime = runtimeCrypto();
  if (runtime === undefined) return encodeHex(nobleSha256()(messageBytes(data)));
  return oneShot(runtime, checkMessage(data), "hex");
}

/** `crypto.hash` came with Node 20.12 and is missing in some runtimes that imitate Node. */
function oneShot(runtime: RuntimeCrypto, data: Message, encoding: "binary" | "hex"): string {
  if (typeof runtime.hash === "function") return runtime.hash("sha256", data, encoding);
  return runtime.createHash("sha256").update(data).digest(encoding);
}
