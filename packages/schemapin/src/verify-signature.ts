import { type PublicKey, sha256, verify } from "@symbiont/keys";
import { decodeBase64, encodeHex } from "@symbiont/kit";
import { type CanonicalSchema, canonicalize, type SchemaInput } from "./canonicalize.ts";
import { SchemaPinError } from "./schemapin-error.ts";
import { candidateTexts, type VerifyProfile } from "./verify-profile.ts";

/** What a detached signature is checked with. */
export interface SignatureCheckOptions {
  /** DER signature in base64. */
  readonly signature: unknown;
  readonly key: PublicKey;
  /** Whether a signature of the Go implementation counts, which hashes once. Default `false`. */
  readonly goSingle?: boolean;
}

/** A schema whose signature holds. */
export interface CheckedSchema {
  /** `sha256:<hex>` over the canonical text, whatever the profile. */
  readonly digest: string;
  /** The first of the ways of writing it over which the signature holds. */
  readonly profile: VerifyProfile;
}

/**
 * Checks a detached signature.
 * @throws SchemaPinError `SCHEMAPIN_SIGNATURE_INVALID`, `SCHEMAPIN_CANONICALIZATION_FAILED`
 */
export function verifySignature(schema: SchemaInput, options: SignatureCheckOptions): CheckedSchema {
  const fromText = typeof schema === "string" || schema instanceof Uint8Array;
  const { signature, key, goSingle = false } = options;
  return verifyCanonical(canonicalize(schema), { signature, key, goSingle, fromText });
}

/**
 * Checks a detached signature of a schema that is in canonical form already.
 * @throws SchemaPinError `SCHEMAPIN_SIGNATURE_INVALID`
 */
export function verifyCanonical(
  canonical: CanonicalSchema,
  options: SignatureCheckOptions & { readonly fromText: boolean },
): CheckedSchema {
  const { key, fromText, goSingle = false } = options;
  const signature = decodeSignature(options.signature);
  if (signature !== undefined) {
    // The protocol signs the digest, and ECDSA hashes what it signs: SHA-256 twice.
    const digest = sha256(canonical.text);
    if (verify(key, signature, digest))
      return { digest: `sha256:${encodeHex(digest)}`, profile: "code-point" };
    for (const { profile, text } of candidateTexts(canonical, { fromText, goSingle })) {
      // Go leaves the first hash out.
      if (verify(key, signature, profile === "go-single" ? text : sha256(text))) {
        return { digest: `sha256:${encodeHex(digest)}`, profile };
      }
    }
  }
  throw new SchemaPinError("SCHEMAPIN_SIGNATURE_INVALID", "the signature does not hold for this schema");
}

/** Strict base64; undefined when it is something else. */
export function decodeSignature(signature: unknown): Uint8Array | undefined {
  if (typeof signature !== "string") return undefined;
  try {
    return decodeBase64(signature);
  } catch {
    return undefined;
  }
}
