import { decodeBase64, encodeUtf8 } from "@symbiont/kit";
import { decodeBytes } from "./internal/digest-text.ts";

/** A shared secret with an end: it counts until `notAfterMs`, in epoch milliseconds. */
export interface DatedSecret {
  readonly value: string | Uint8Array;
  /** Name for logs, given back as `keyId`. */
  readonly id?: string;
  /** Default: no end. */
  readonly notAfterMs?: number;
}

/**
 * A shared secret: text as the provider shows it, which the preset decodes, or the key's bytes themselves.
 */
export type WebhookSecret = string | Uint8Array | DatedSecret;

/** How a provider's secret text becomes key bytes. `whsec`: base64 after an optional `whsec_`. */
export type SecretEncoding = "utf8" | "hex" | "base64" | "whsec";

/** A secret after its checks. */
export interface ReadSecret {
  readonly bytes: Uint8Array;
  readonly id?: string;
  readonly notAfterMs: number;
}

const MAX_SECRETS = 8;
const UNRESOLVED = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Checks and decodes the secrets of one endpoint, up to eight.
 *
 * Differs from Symbiont: it takes an empty secret, and when a reference such as `vault://…` cannot be resolved it
 * signs with the text of the reference, which is no secret. Both are refused here.
 *
 * @throws TypeError or RangeError naming the entry, never its content.
 */
export function readSecrets(
  secrets: readonly WebhookSecret[],
  encoding: SecretEncoding,
): readonly ReadSecret[] {
  if (!Array.isArray(secrets)) throw new TypeError("secrets must be an array");
  if (secrets.length === 0 || secrets.length > MAX_SECRETS)
    throw new RangeError(`secrets must hold 1 to ${MAX_SECRETS} entries, got ${secrets.length}`);
  return secrets.map((secret, index) => readSecret(secret as WebhookSecret, encoding, `secrets[${index}]`));
}

function readSecret(secret: WebhookSecret, encoding: SecretEncoding, option: string): ReadSecret {
  if (typeof secret === "string" || secret instanceof Uint8Array)
    return { bytes: readBytes(secret, encoding, option), notAfterMs: Number.POSITIVE_INFINITY };
  if (typeof secret !== "object" || secret === null)
    throw new TypeError(`${option} must be text, bytes or an object with a value`);
  const { value, id, notAfterMs = Number.POSITIVE_INFINITY } = secret;
  if (typeof value !== "string" && !(value instanceof Uint8Array))
    throw new TypeError(`${option}.value must be text or bytes`);
  if (typeof notAfterMs !== "number" || Number.isNaN(notAfterMs))
    throw new TypeError(`${option}.notAfterMs must be a number`);
  return {
    bytes: readBytes(value, encoding, `${option}.value`),
    notAfterMs,
    ...(id === undefined ? {} : { id }),
  };
}

function readBytes(value: string | Uint8Array, encoding: SecretEncoding, option: string): Uint8Array {
  if (typeof value === "string") checkText(value, option);
  const bytes = typeof value === "string" ? decodeText(value, encoding) : new Uint8Array(value);
  if (bytes === undefined) throw new TypeError(`${option} must be ${encoding} text`);
  if (bytes.length === 0) throw new RangeError(`${option} must not be empty`);
  return bytes;
}

function checkText(text: string, option: string): void {
  if (text.trim() === "") throw new RangeError(`${option} must not be empty`);
  if (/\0|^[\r\n]|[\r\n]$/.test(text))
    throw new TypeError(`${option} must not hold NUL or begin or end with a line break`);
  if (UNRESOLVED.test(text)) throw new TypeError(`${option} must be a secret, not a reference to one`);
}

function decodeText(text: string, encoding: SecretEncoding): Uint8Array | undefined {
  switch (encoding) {
    case "utf8":
      return encodeUtf8(text);
    case "hex":
      return decodeBytes(text, "hex");
    case "base64":
      return decodeBytes(text, "base64");
    case "whsec":
      return decodeStandardSecret(text);
  }
}

/** Some dashboards show the version in front: `v1,whsec_…`. */
function decodeStandardSecret(text: string): Uint8Array | undefined {
  try {
    return decodeBase64(text.replace(/^(?:v1,)?(?:whsec_)?/, ""));
  } catch {
    return undefined;
  }
}
