import { importPublicKeyRaw, type PublicKey, sha256Hex, verify } from "@symbiont/keys";
import { decodeBase64, encodeBase64 } from "@symbiont/kit";
import type { SecretOptions } from "./hmac-preset.ts";
import { decodeDigest } from "./internal/digest-text.ts";
import { findKey, type MacKey } from "./internal/find-key.ts";
import { malformed, requiredHeader } from "./internal/headers.ts";
import { hmac, joinParts, type SignedParts } from "./internal/mac.ts";
import { checkAge, checkTolerance, readTimestamp, writeTimestamp } from "./internal/timestamp.ts";
import {
  describePreset,
  type PreparedPreset,
  type PresetDescription,
  type SignedWebhook,
  type WebhookDraft,
  type WebhookPreset,
  type WebhookProof,
} from "./preset.ts";
import { readSecrets } from "./secret.ts";
import { WebhookError } from "./webhook-error.ts";
import type { WebhookRequest } from "./webhook-request.ts";

/** Options of Standard Webhooks presets: secrets, public keys, or both. */
export interface StandardWebhooksOptions extends Partial<SecretOptions> {
  /** Secrets in the form `whsec_…`, for signatures of version `v1` (HMAC-SHA-256). */
  readonly secrets?: SecretOptions["secrets"];
  /** Keys in the form `whpk_…` or of `@symbiont/keys`, for signatures of version `v1a` (Ed25519). */
  readonly publicKeys?: readonly (string | PublicKey)[];
  /** Largest age, and largest lead, of a timestamp in ms, up to one hour. Default 300,000. */
  readonly toleranceMs?: number;
}

/** Describes a sender that follows Standard Webhooks under header names of its own. */
export interface StandardWebhooksScheme extends PresetDescription {
  /** Headers are `<prefix>-id`, `<prefix>-timestamp` and `<prefix>-signature`, in lower case. */
  readonly headerPrefix: string;
}

const SAFE_ID = /^[\x21-\x7e]{1,256}$/;
const MAX_SIGNATURES = 16;
const MAX_KEYS = 8;
const TAG_LENGTH = 32;
const ED25519_LENGTH = 64;

/**
 * Makes a preset for Standard Webhooks.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function standardWebhooksPreset(
  scheme: StandardWebhooksScheme,
): WebhookPreset<StandardWebhooksOptions> {
  return {
    ...describePreset({ ...scheme, bodyBound: true }),
    prepare: (options) => new PreparedStandardWebhooks(scheme.headerPrefix, options),
  };
}

class PreparedStandardWebhooks implements PreparedPreset {
  readonly #headers: { readonly id: string; readonly timestamp: string; readonly signature: string };
  readonly #secrets: readonly MacKey[];
  readonly #publicKeys: readonly PublicKey[];
  readonly #toleranceMs: number;

  constructor(prefix: string, options: StandardWebhooksOptions) {
    const { secrets = [], publicKeys = [], toleranceMs = 300_000 } = options;
    if (!Array.isArray(publicKeys) || publicKeys.length > MAX_KEYS)
      throw new RangeError(`publicKeys must be an array of at most ${MAX_KEYS} keys`);
    this.#headers = {
      id: `${prefix}-id`,
      timestamp: `${prefix}-timestamp`,
      signature: `${prefix}-signature`,
    };
    this.#toleranceMs = checkTolerance("toleranceMs", toleranceMs);
    this.#publicKeys = publicKeys.map(readPublicKey);
    this.#secrets =
      secrets.length === 0 && publicKeys.length > 0
        ? []
        : readSecrets(secrets, "whsec").map(({ bytes, ...rest }) => ({
            ...rest,
            mac: hmac("sha256", bytes),
          }));
  }

  check(request: WebhookRequest, nowMs: number): WebhookProof | Promise<WebhookProof> {
    const { headers, rawBody } = request;
    const id = requiredHeader(headers, this.#headers.id);
    const time = requiredHeader(headers, this.#headers.timestamp);
    const texts = this.#readSignatures(requiredHeader(headers, this.#headers.signature));
    if (!SAFE_ID.test(id)) malformed(this.#headers.id, "is not an id of visible ASCII");
    const timestampMs = readTimestamp(time, "s");
    checkAge(timestampMs, nowMs, this.#toleranceMs);

    const parts: SignedParts = { before: `${id}.${time}.`, body: rawBody, after: "" };
    const tags = decodeAll(texts.v1, TAG_LENGTH);
    const signatures = decodeAll(texts.v1a, ED25519_LENGTH);
    if (tags.length + signatures.length === 0)
      throw new WebhookError("WEBHOOK_BAD_ENCODING", "no signature is well-formed text of the right length");
    const conclude = (index: number): WebhookProof =>
      this.#conclude(index, parts, signatures, id, timestampMs);
    const index = tags.length === 0 ? -1 : findKey(this.#secrets, tags, parts, nowMs);
    return index instanceof Promise ? index.then(conclude) : conclude(index);
  }

  async sign(draft: WebhookDraft, nowMs: number): Promise<SignedWebhook> {
    if (this.#secrets.length === 0) throw new TypeError("secrets must hold a secret to sign with");
    const { id = "" } = draft;
    if (!SAFE_ID.test(id)) throw new TypeError("id must be 1 to 256 characters of visible ASCII");
    const time = writeTimestamp(nowMs, "s");
    const parts: SignedParts = { before: `${id}.${time}.`, body: draft.rawBody, after: "" };
    const signatures: string[] = [];
    for (const { mac } of this.#secrets) signatures.push(`v1,${encodeBase64(await mac.tag(parts))}`);
    return {
      ...draft,
      headers: {
        [this.#headers.id]: id,
        [this.#headers.timestamp]: time,
        [this.#headers.signature]: signatures.join(" "),
      },
    };
  }

  /** A version counts only when a key for it is configured: a signature must never choose how it is checked. */
  #readSignatures(value: string): { readonly v1: readonly string[]; readonly v1a: readonly string[] } {
    const v1: string[] = [];
    const v1a: string[] = [];
    const entries = value.split(" ");
    if (entries.length > MAX_SIGNATURES)
      malformed(this.#headers.signature, `holds more than ${MAX_SIGNATURES} signatures`);
    for (const entry of entries) {
      if (entry.startsWith("v1,") && this.#secrets.length > 0) v1.push(entry.slice(3));
      else if (entry.startsWith("v1a,") && this.#publicKeys.length > 0) v1a.push(entry.slice(4));
    }
    if (v1.length + v1a.length === 0)
      throw new WebhookError(
        "WEBHOOK_UNSUPPORTED_VERSION",
        "no signature is of a version with a configured key",
      );
    return { v1, v1a };
  }

  #conclude(
    tagIndex: number,
    parts: SignedParts,
    signatures: readonly Uint8Array[],
    id: string,
    timestampMs: number,
  ): WebhookProof {
    const keyIndex = tagIndex >= 0 ? tagIndex : this.#findPublicKey(parts, signatures);
    return {
      keyIndex,
      keyId: this.#secrets[keyIndex]?.id,
      timestampMs,
      id,
      // Id and time name the delivery: the specification lets a retry keep its id, not its time.
      identity: () => sha256Hex(parts.before),
      windowMs: this.#toleranceMs * 2,
    };
  }

  #findPublicKey(parts: SignedParts, signatures: readonly Uint8Array[]): number {
    if (signatures.length > 0) {
      const message = joinParts(parts);
      const index = this.#publicKeys.findIndex((key) =>
        signatures.some((signature) => verify(key, signature, message)),
      );
      if (index >= 0) return this.#secrets.length + index;
    }
    throw new WebhookError("WEBHOOK_SIGNATURE_MISMATCH", "no signature fits any of the keys");
  }
}

function decodeAll(texts: readonly string[], length: number): readonly Uint8Array[] {
  const decoded: Uint8Array[] = [];
  for (const text of texts) {
    const bytes = decodeDigest(text, "base64", length);
    if (bytes !== undefined) decoded.push(bytes);
  }
  return decoded;
}

function readPublicKey(key: string | PublicKey, index: number): PublicKey {
  try {
    const imported =
      typeof key === "string"
        ? importPublicKeyRaw("Ed25519", decodeBase64(key.replace(/^(?:v1a,)?(?:whpk_)?/, "")))
        : key;
    if (imported.algorithm === "Ed25519") return imported;
  } catch (cause) {
    throw new TypeError(`publicKeys[${index}] must be a valid whpk_ key`, { cause });
  }
  throw new TypeError(`publicKeys[${index}] must be an Ed25519 key`);
}
