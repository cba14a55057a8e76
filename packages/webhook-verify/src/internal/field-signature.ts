import { sha256Hex } from "@symbiont/keys";
import type { JsonObject } from "@symbiont/kit";
import type { WebhookProof } from "../preset.ts";
import { readSecrets, type WebhookSecret } from "../secret.ts";
import { WebhookError } from "../webhook-error.ts";
import { type DigestEncoding, decodeDigest } from "./digest-text.ts";
import { findKey, type MacKey } from "./find-key.ts";
import { DIGEST_LENGTH, type HashName, hmac } from "./mac.ts";

const NOTHING = new Uint8Array(0);

/** Imports secrets for signatures over texts. @throws TypeError or RangeError naming the entry. */
export function macKeys(
  secrets: readonly WebhookSecret[],
  encoding: "utf8" | "hex",
  hash: HashName,
): readonly MacKey[] {
  return readSecrets(secrets, encoding).map(({ bytes, ...rest }) => ({ ...rest, mac: hmac(hash, bytes) }));
}

/** A signature, still encoded, and the texts of which it may be the tag. */
export interface FieldSignature {
  readonly signature: string;
  readonly encoding: DigestEncoding;
  readonly hash: HashName;
  readonly texts: readonly string[];
}

/**
 * Finds the key that signed one of the texts.
 * @throws WebhookError `WEBHOOK_BAD_ENCODING`, `WEBHOOK_SIGNATURE_MISMATCH`
 */
export async function findFieldKey(
  keys: readonly MacKey[],
  { signature, encoding, hash, texts }: FieldSignature,
  nowMs: number,
): Promise<{ readonly index: number; readonly text: string }> {
  const candidate = decodeDigest(signature, encoding, DIGEST_LENGTH[hash]);
  if (candidate === undefined)
    throw new WebhookError("WEBHOOK_BAD_ENCODING", "signature is not well-formed text of the right length");
  for (const text of texts) {
    const index = await findKey(keys, [candidate], { before: text, body: NOTHING, after: "" }, nowMs);
    if (index >= 0) return { index, text };
  }
  throw new WebhookError("WEBHOOK_SIGNATURE_MISMATCH", "signature fits none of the secrets");
}

/** The proof of a signature over texts; `identity` is what was signed. */
export function fieldProof(
  keys: readonly MacKey[],
  keyIndex: number,
  identity: string,
  claims?: JsonObject,
): WebhookProof {
  return { keyIndex, keyId: keys[keyIndex]?.id, claims, identity: () => sha256Hex(identity) };
}
