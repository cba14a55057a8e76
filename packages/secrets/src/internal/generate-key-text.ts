import { randomFillSync } from "node:crypto";
import { encodeBase64 } from "@symbiont/kit";

/** Makes 32 random bytes and writes them as base64 with padding: what Symbiont generates, and what it reads. */
export function generateKeyText(): string {
  const key = randomFillSync(new Uint8Array(32));
  const text = encodeBase64(key);
  key.fill(0);
  return text;
}
