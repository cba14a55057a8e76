import { importPublicKeyRaw, importPublicKeySpki, type PublicKey, verify } from "@symbiont/keys";
import { decodeBase64, decodeHex } from "@symbiont/kit";
import { type DigestEncoding, decodeBytes, decodeDigest } from "./internal/digest-text.ts";
import { requiredHeader } from "./internal/headers.ts";
import { contentDigest, joinParts } from "./internal/mac.ts";
import { readTemplate } from "./internal/signed-template.ts";
import { checkAge, checkTolerance, readTimestamp, type TimestampUnit } from "./internal/timestamp.ts";
import { describePreset, type PresetDescription, type WebhookPreset } from "./preset.ts";
import { WebhookError } from "./webhook-error.ts";

/** How a provider shows a public key: 32 bytes in hex, or SubjectPublicKeyInfo in base64. */
export type PublicKeyEncoding = "ed25519-hex" | "p256-spki-base64";

/** Options of presets in which only the provider can sign. */
export interface PublicKeyOptions {
  /** One to eight keys: text as the provider shows it, or keys of `@symbiont/keys`. */
  readonly publicKeys: readonly (string | PublicKey)[];
  /** Largest age, and largest lead, of a timestamp in ms, up to one hour. Default 300,000. */
  readonly toleranceMs?: number;
}

/** Describes a scheme with a signature by the provider's private key, over time and body. */
export interface PublicKeyScheme extends PresetDescription {
  readonly keyEncoding: PublicKeyEncoding;
  /** Header, in lower case, that holds the signature. */
  readonly signatureHeader: string;
  readonly encoding: DigestEncoding;
  readonly timestamp: { readonly header: string; readonly unit: TimestampUnit };
  /** What is signed: text with `{timestamp}` and `{body}`. */
  readonly signed: string;
}

const ALGORITHM = { "ed25519-hex": "Ed25519", "p256-spki-base64": "ES256" } as const;
const MAX_KEYS = 8;
const ED25519_LENGTH = 64;
/** The longest strict DER form of a P-256 signature. */
const MAX_DER_LENGTH = 72;

/** Makes a preset from the description of a scheme with public keys. */
export function publicKeyPreset(scheme: PublicKeyScheme): WebhookPreset<PublicKeyOptions> {
  const template = readTemplate(scheme.signed);
  if (!template.tokens.has("timestamp") || template.tokens.size > 2)
    throw new TypeError("signed must hold {timestamp} and {body} and nothing else");
  const { signatureHeader, timestamp, encoding, keyEncoding } = scheme;
  return {
    ...describePreset({ ...scheme, bodyBound: true }),
    prepare: (options) => {
      const keys = readPublicKeys(options.publicKeys, keyEncoding);
      const toleranceMs = checkTolerance("toleranceMs", options.toleranceMs ?? 300_000);
      return {
        check: ({ headers, rawBody }, nowMs) => {
          const signatureText = requiredHeader(headers, signatureHeader);
          const time = requiredHeader(headers, timestamp.header);
          const timestampMs = readTimestamp(time, timestamp.unit);
          checkAge(timestampMs, nowMs, toleranceMs);
          const signature = decodeSignature(signatureText, encoding, keyEncoding);
          const values = { timestamp: time, id: undefined, url: undefined, method: undefined };
          const parts = { before: template.before(values), body: rawBody, after: template.after(values) };
          const message = joinParts(parts);
          const keyIndex = keys.findIndex((key) => verify(key, signature, message));
          if (keyIndex < 0)
            throw new WebhookError("WEBHOOK_SIGNATURE_MISMATCH", "signature fits none of the public keys");
          const identity = (): string => contentDigest(parts);
          return { keyIndex, timestampMs, windowMs: toleranceMs * 2, identity };
        },
      };
    },
  };
}

/**
 * Imports public keys strictly: canonical, on the curve, not of small order, under which a forger could sign.
 * @throws TypeError or RangeError naming the entry.
 */
export function readPublicKeys(
  keys: readonly (string | PublicKey)[],
  encoding: PublicKeyEncoding,
): readonly PublicKey[] {
  if (!Array.isArray(keys)) throw new TypeError("publicKeys must be an array");
  if (keys.length === 0 || keys.length > MAX_KEYS)
    throw new RangeError(`publicKeys must hold 1 to ${MAX_KEYS} entries, got ${keys.length}`);
  return keys.map((key: string | PublicKey, index) => {
    try {
      const imported = typeof key === "string" ? importText(key, encoding) : key;
      if (imported.algorithm === ALGORITHM[encoding]) return imported;
    } catch (cause) {
      throw new TypeError(`publicKeys[${index}] must be a valid ${encoding} key`, { cause });
    }
    throw new TypeError(`publicKeys[${index}] must be an ${ALGORITHM[encoding]} key`);
  });
}

function importText(text: string, encoding: PublicKeyEncoding): PublicKey {
  return encoding === "ed25519-hex"
    ? importPublicKeyRaw("Ed25519", decodeHex(text.toLowerCase()))
    : importPublicKeySpki(decodeBase64(text), { algorithm: "ES256" });
}

/** What is inside is judged by the verification, whose strictness does not depend on the runtime. */
function decodeSignature(text: string, encoding: DigestEncoding, key: PublicKeyEncoding): Uint8Array {
  const signature =
    key === "ed25519-hex" ? decodeDigest(text, encoding, ED25519_LENGTH) : decodeDer(text, encoding);
  if (signature !== undefined) return signature;
  throw new WebhookError("WEBHOOK_BAD_ENCODING", "signature is not well-formed text of the right length");
}

function decodeDer(text: string, encoding: DigestEncoding): Uint8Array | undefined {
  if (text.length > MAX_DER_LENGTH * 2) return undefined;
  const bytes = decodeBytes(text, encoding);
  return bytes !== undefined && bytes.length <= MAX_DER_LENGTH ? bytes : undefined;
}
