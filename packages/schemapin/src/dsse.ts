import { type PrivateKey, type PublicKey, sign, verify } from "@symbiont/keys";
import { concatBytes, decodeBase64, encodeBase64, encodeUtf8 } from "@symbiont/kit";
import { SchemaPinError } from "./schemapin-error.ts";

/**
 * A DSSE envelope: bytes, what they are, and signatures of both.
 * @see https://github.com/secure-systems-lab/dsse, protocol version 1
 */
export interface DsseEnvelope {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  readonly signatures: readonly {
    /** Fingerprint of the key, `sha256:<hex>`. */
    readonly keyid: string;
    /** DER signature in base64. */
    readonly sig: string;
  }[];
}

/** Which keys count, and how many of them must have signed. */
export interface DsseTrust {
  /** ES256 keys. One that is named twice counts once. */
  readonly keys: readonly PublicKey[];
  /** How many different keys must have signed. Default 1. */
  readonly threshold?: number;
}

/** What a verified envelope held. */
export interface DsseContent {
  readonly payload: Uint8Array;
  /** Fingerprints of the keys whose signatures hold. */
  readonly signers: ReadonlySet<string>;
}

const MAX_SIGNATURES = 32;
const MAX_PAYLOAD_LENGTH = 8 << 20;

/**
 * Signs bytes together with their type, deterministically (RFC 6979).
 * @throws TypeError when there is no key, or one is not an ES256 key.
 */
export function signDsse(
  payloadType: string,
  payload: Uint8Array,
  keys: readonly PrivateKey[],
): DsseEnvelope {
  if (keys.length === 0 || keys.some(({ algorithm }) => algorithm !== "ES256")) {
    throw new TypeError("keys must be one or more ES256 keys");
  }
  const message = preAuthenticationEncoding(payloadType, payload);
  const signatures = keys.map((key) => ({
    keyid: key.publicKey.fingerprint,
    sig: encodeBase64(sign(key, message, { deterministic: true })),
  }));
  return { payloadType, payload: encodeBase64(payload), signatures };
}

/**
 * Verifies an envelope of a type and gives its bytes. Signatures of other keys are passed over; one by a key that counts
 * must hold.
 *
 * @throws SchemaPinError `SCHEMAPIN_SIGNATURE_INVALID`; `SCHEMAPIN_KEY_NOT_FOUND` when too few of the keys have signed.
 * @throws RangeError when the keys cannot reach the threshold.
 */
export function verifyDsse(
  envelope: unknown,
  payloadType: string,
  { keys, threshold = 1 }: DsseTrust,
): DsseContent {
  const known = new Map(keys.map((key) => [key.fingerprint, key]));
  if (!Number.isSafeInteger(threshold) || threshold < 1 || threshold > known.size) {
    throw new RangeError("threshold must be an integer from 1 to the number of keys");
  }
  const { payload, signatures, type } = readEnvelope(envelope);
  if (type !== payloadType) throw invalid("the envelope is of another type");
  const message = preAuthenticationEncoding(type, payload);
  const signers = new Set<string>();
  for (const { keyid, sig } of signatures) {
    const key = known.get(keyid);
    if (key === undefined || signers.has(keyid)) continue;
    if (!verify(key, sig, message)) throw invalid("a signature of the envelope does not hold");
    signers.add(keyid);
  }
  if (signers.size < threshold) {
    throw new SchemaPinError("SCHEMAPIN_KEY_NOT_FOUND", "too few of the keys have signed the envelope");
  }
  return { payload, signers };
}

/** `DSSEv1 SP LEN(type) SP type SP LEN(body) SP body` */
function preAuthenticationEncoding(type: string, payload: Uint8Array): Uint8Array {
  const typeBytes = encodeUtf8(type);
  return concatBytes(
    encodeUtf8(`DSSEv1 ${typeBytes.length} `),
    typeBytes,
    encodeUtf8(` ${payload.length} `),
    payload,
  );
}

function readEnvelope(value: unknown): {
  readonly type: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly { readonly keyid: string; readonly sig: Uint8Array }[];
} {
  const { payloadType, payload, signatures } = (value ?? {}) as Record<string, unknown>;
  if (typeof payloadType !== "string" || typeof payload !== "string" || !Array.isArray(signatures)) {
    throw invalid("the envelope is malformed");
  }
  if (payload.length > MAX_PAYLOAD_LENGTH || signatures.length > MAX_SIGNATURES) {
    throw invalid("the envelope is too large");
  }
  try {
    return {
      type: payloadType,
      payload: decodeBase64(payload),
      signatures: (signatures as readonly { keyid?: unknown; sig?: unknown }[]).map((signature) => {
        const { keyid, sig } = signature ?? {};
        if (typeof keyid !== "string" || typeof sig !== "string") throw invalid("a signature is malformed");
        return { keyid, sig: decodeBase64(sig) };
      }),
    };
  } catch (cause) {
    if (SchemaPinError.is(cause)) throw cause;
    throw invalid("the envelope is not strict base64", cause);
  }
}

function invalid(why: string, cause?: unknown): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_SIGNATURE_INVALID", why, { cause });
}
