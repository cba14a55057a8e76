import { readPrivateFile } from "@symbiont/filestore";
import type { PrivateKey } from "@symbiont/keys";

const MAX_KEY_BYTES = 16 << 10;

/** Reads a private key from a PEM file that only its owner may read. @throws FilestoreError, KeysError */
export async function readPrivateKey(path: string, algorithm?: "ES256" | "Ed25519"): Promise<PrivateKey> {
  const { importPrivateKeyPem } = await import("@symbiont/keys");
  const { bytes } = await readPrivateFile(path, { maxBytes: MAX_KEY_BYTES });
  return importPrivateKeyPem(new TextDecoder().decode(bytes), algorithm === undefined ? {} : { algorithm });
}
