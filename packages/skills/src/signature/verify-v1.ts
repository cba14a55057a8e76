import { type PublicKey, sha256Hex, verify } from "@symbiont/keys";
import { decodeBase64, encodeHex, KitError } from "@symbiont/kit";
import { SchemaPinError } from "@symbiont/schemapin";
import type { SignatureFile } from "./signature-file.ts";
import { compareManifests, type V1Manifest } from "./v1-manifest.ts";

/** How a signature of format 1 is checked. */
export interface V1CheckOptions {
  readonly key: PublicKey;
  /** Whether a signature of the Go implementation counts, which hashes once. Default `false`. */
  readonly goSingle?: boolean;
}

/**
 * Checks a signature of format 1, and that the file says about itself what was found. That part is not signed: it is
 * required because format 1 hashes paths and bytes without a separator, so that the list of paths means something.
 *
 * @throws SchemaPinError `SCHEMAPIN_SIGNATURE_INVALID`
 */
export function checkV1Signature(file: SignatureFile, found: V1Manifest, options: V1CheckOptions): void {
  const { key, goSingle = false } = options;
  const { modified, added, removed } = compareManifests(file.file_manifest, found.files);
  if (modified.length + added.length + removed.length > 0) {
    const counts = `${modified.length} changed, ${added.length} added, ${removed.length} removed`;
    throw invalid(`the files are not those that were signed: ${counts}`);
  }
  const root = `sha256:${encodeHex(found.root)}`;
  // The Rust implementation states the hash of the root.
  if (file.skill_hash !== root && file.skill_hash !== `sha256:${sha256Hex(found.root)}`) {
    throw invalid("skill_hash is not the hash of the files");
  }
  if (file.signer_kid.startsWith("sha256:") && file.signer_kid !== key.fingerprint) {
    throw invalid("signer_kid names another key");
  }
  const signature = decode(file.signature);
  const holds = verify(key, signature, found.root) || (goSingle && verify(key, signature, found.message));
  if (!holds) throw invalid("the signature does not hold");
}

function decode(signature: string): Uint8Array {
  try {
    return decodeBase64(signature);
  } catch (cause) {
    if (!KitError.is(cause)) throw cause;
    throw invalid("the signature is not base64", cause);
  }
}

function invalid(why: string, cause?: unknown): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_SIGNATURE_INVALID", why, { cause });
}
