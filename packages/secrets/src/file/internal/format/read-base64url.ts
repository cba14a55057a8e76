import { decodeBase64Url } from "@symbiont/kit";

/** Reads base64url without padding; undefined for any spelling but the one that is written. */
export function readBase64Url(text: string): Uint8Array | undefined {
  try {
    return decodeBase64Url(text);
  } catch {
    return undefined;
  }
}
