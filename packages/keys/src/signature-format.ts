import type { SignatureFormat } from "./engine.ts";
import type { PublicKey } from "./public-key.ts";
import { isDerSignature, isEd25519Signature, isRawSignature } from "./signature-encoding.ts";

/** @throws TypeError on an unknown format. */
export function checkFormat(format: SignatureFormat | undefined): SignatureFormat {
  if (format === undefined || format === "der") return "der";
  if (format === "raw") return "raw";
  throw new TypeError('format must be "der" or "raw"');
}

/** Tells whether the signature is encoded as the key and format demand, with every number in its range. */
export function isWellEncoded(
  key: PublicKey,
  signature: unknown,
  format: SignatureFormat,
): signature is Uint8Array {
  if (!(signature instanceof Uint8Array)) return false;
  if (key.algorithm === "Ed25519") return isEd25519Signature(signature);
  return format === "der" ? isDerSignature(signature) : isRawSignature(signature);
}
