import type { PublicKey } from "@symbiont/keys";

/** The key id that AgentPin's implementations generate: hexadecimal SHA-256 of the SubjectPublicKeyInfo. */
export function keyId(key: PublicKey): string {
  return key.fingerprint.slice("sha256:".length);
}
