import { type PrivateKey, sha256, sha256Hex, sign } from "@symbiont/keys";
import { encodeBase64 } from "@symbiont/kit";
import { canonicalize, type SchemaInput } from "./canonicalize.ts";
import { SchemaPinError } from "./schemapin-error.ts";

/** A detached signature of a schema. */
export interface SchemaSignature {
  /** DER, in base64. */
  readonly signature: string;
  /** `sha256:<hex>` over the canonical text. */
  readonly digest: string;
}

/**
 * Signs a schema, deterministically (RFC 6979). Only what every implementation writes alike is signed.
 *
 * @param key ES256.
 * @throws SchemaPinError `SCHEMAPIN_NOT_PORTABLE` naming the reason, `SCHEMAPIN_CANONICALIZATION_FAILED`
 * @throws TypeError when the key is not an ES256 key.
 */
export function signSchema(schema: SchemaInput, key: PrivateKey): SchemaSignature {
  if (key.algorithm !== "ES256") throw new TypeError(`key must be an ES256 key, got ${key.algorithm}`);
  const { text, issues } = canonicalize(schema);
  const [issue] = issues;
  if (issue !== undefined) {
    throw new SchemaPinError("SCHEMAPIN_NOT_PORTABLE", `schema must not be signed: ${issue}`);
  }
  // The protocol signs the digest, and ECDSA hashes what it signs: SHA-256 twice.
  const signature = sign(key, sha256(text), { deterministic: true });
  return { signature: encodeBase64(signature), digest: `sha256:${sha256Hex(text)}` };
}
