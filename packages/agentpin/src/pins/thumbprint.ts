import { decodeBase64Url, encodeHex } from "@symbiont/kit";

const HEX = /^[0-9a-f]{64}$/i;
const BASE64URL_LENGTH = 43;

/** Reads a key's thumbprint in hexadecimal, as AgentPin writes it, or base64url, as RFC 7638 does; gives lower-case hexadecimal. */
export function readThumbprint(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  if (HEX.test(value)) return value.toLowerCase();
  if (value.length !== BASE64URL_LENGTH) return undefined;
  try {
    return encodeHex(decodeBase64Url(value));
  } catch {
    return undefined;
  }
}
