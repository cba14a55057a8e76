import { type EngineName, type PublicKey, verify } from "@symbiont/keys";
import { type Refusal, refuse } from "../refusal.ts";
import { asciiBytes } from "./ascii-bytes.ts";

/** How a credential's signature may be written: ASN.1 DER as the references do, or the 64 bytes of RFC 7518. */
export type CredentialSignatureFormat = "der" | "jws";

const DER_SEQUENCE = 0x30;
const RAW_LENGTH = 64;
const DER = { format: "der" } as const;
const RAW = { format: "raw" } as const;
const BY_DEFAULT = { der: DER, raw: RAW };

/**
 * Step 5: strict DER where it looks like DER, else 64 bytes; both halves of s.
 * @see RFC 7518 section 3.4
 */
export function checkSignature(
  key: PublicKey,
  signature: Uint8Array,
  signingInput: string,
  formats: readonly CredentialSignatureFormat[],
  engine: EngineName | undefined,
): Refusal | undefined {
  const { der, raw } =
    engine === undefined ? BY_DEFAULT : { der: { engine, ...DER }, raw: { engine, ...RAW } };
  const input = asciiBytes(signingInput);
  const looksLikeDer = signature[0] === DER_SEQUENCE && signature[1] === signature.length - 2;
  if (looksLikeDer && formats.includes("der")) {
    if (verify(key, signature, input, der)) return undefined;
    // 64 bytes of r and s may happen to begin like DER.
    if (signature.length !== RAW_LENGTH) return refuse(5, "SIGNATURE_INVALID", "signature");
  }
  if (signature.length === RAW_LENGTH && formats.includes("jws")) {
    if (verify(key, signature, input, raw)) return undefined;
    return refuse(5, "SIGNATURE_INVALID", "signature");
  }
  const otherFormat = looksLikeDer || signature.length === RAW_LENGTH;
  return refuse(5, "SIGNATURE_INVALID", otherFormat ? "signature_format" : "signature");
}
