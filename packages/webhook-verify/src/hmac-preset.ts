import { parseJson } from "@symbiont/kit";
import { type DigestEncoding, decodeDigest, encodeDigest } from "./internal/digest-text.ts";
import { findKey, type MacKey } from "./internal/find-key.ts";
import { optionalHeader, requiredHeader } from "./internal/headers.ts";
import {
  contentDigest,
  DIGEST_LENGTH,
  type HashName,
  hmac,
  type SignedParts,
  secretPrefixHash,
} from "./internal/mac.ts";
import { readSignatures, type SignatureForm, writeSignatures } from "./internal/signature-form.ts";
import { readTemplate, type SignedTemplate, type TemplateValues } from "./internal/signed-template.ts";
import {
  checkAge,
  checkTolerance,
  readTimestamp,
  type TimestampUnit,
  writeTimestamp,
} from "./internal/timestamp.ts";
import {
  describePreset,
  type PreparedPreset,
  type PresetDescription,
  type SignedWebhook,
  type WebhookDraft,
  type WebhookPreset,
  type WebhookProof,
} from "./preset.ts";
import { readSecrets, type SecretEncoding, type WebhookSecret } from "./secret.ts";
import { WebhookError, type WebhookErrorCode } from "./webhook-error.ts";
import type { WebhookRequest } from "./webhook-request.ts";

/** Options of presets whose secret both sides hold. */
export interface SecretOptions {
  /** Up to eight; any of them may have signed. During a rotation list the new one first. */
  readonly secrets: readonly WebhookSecret[];
}

/** Options of presets that also sign the time. */
export interface TimedSecretOptions extends SecretOptions {
  /** Largest age, and largest lead, of a timestamp in ms, up to one hour. Default the preset's, mostly 300,000. */
  readonly toleranceMs?: number;
}

/** Describes a scheme with a shared secret. */
export interface HmacScheme extends PresetDescription {
  /** Default `sha256`. `secret-prefix-sha256` is no MAC and only there for senders that offer nothing better. */
  readonly algorithm?: HashName | "secret-prefix-sha256";
  /** How the secret's text becomes the key. Default `utf8`: its bytes as they are. */
  readonly secretEncoding?: SecretEncoding;
  /** How the signature is written. */
  readonly encoding: DigestEncoding;
  readonly signature: SignatureForm;
  /**
   * What is signed: text with `{body}` and, where signed, `{timestamp}`, `{id}`, `{url}`, `{method}`.
   * Default `{body}`.
   */
  readonly signed?: string;
  /**
   * Where the time stands: in a header of its own, in the field of a `fields` signature, or in a member of the
   * signed JSON body. It must be signed, else it would protect nothing.
   */
  readonly timestamp?: {
    readonly unit: TimestampUnit;
    readonly header?: string;
    readonly bodyMember?: string;
  };
  /** Default 300,000. */
  readonly toleranceMs?: number;
  /** Header, in lower case, that holds the signed `{id}`. */
  readonly idHeader?: string;
  /** Changes the URL before it is signed. Default: as given. */
  readonly writeUrl?: (url: string) => string;
  /** Headers that must have exactly this value. */
  readonly fixedHeaders?: readonly {
    readonly header: string;
    readonly value: string;
    readonly code: WebhookErrorCode;
  }[];
}

/** Visible ASCII: what a header can carry without doubt about its bytes. */
const SAFE_ID = /^[\x21-\x7e]{1,256}$/;
const DEFAULT_TOLERANCE_MS = 300_000;

/**
 * Makes a preset from the description of a scheme with a shared secret; also the way to describe a house scheme.
 * @throws TypeError when the description contradicts itself, for example with a timestamp that is not signed.
 */
export function hmacPreset(scheme: HmacScheme): WebhookPreset<TimedSecretOptions> {
  const template = readTemplate(scheme.signed ?? "{body}");
  checkScheme(scheme, template);
  return {
    ...describePreset({ ...scheme, bodyBound: true }),
    prepare: (options) => new PreparedHmac(scheme, template, options),
  };
}

class PreparedHmac implements PreparedPreset {
  readonly #scheme: HmacScheme;
  readonly #template: SignedTemplate;
  readonly #keys: readonly MacKey[];
  readonly #length: number;
  readonly #toleranceMs: number;

  constructor(scheme: HmacScheme, template: SignedTemplate, options: TimedSecretOptions) {
    const { algorithm = "sha256" } = scheme;
    this.#scheme = scheme;
    this.#template = template;
    this.#length = algorithm === "secret-prefix-sha256" ? DIGEST_LENGTH.sha256 : DIGEST_LENGTH[algorithm];
    this.#toleranceMs = checkTolerance(
      "toleranceMs",
      options.toleranceMs ?? scheme.toleranceMs ?? DEFAULT_TOLERANCE_MS,
    );
    this.#keys = readSecrets(options.secrets, scheme.secretEncoding ?? "utf8").map(({ bytes, ...rest }) => ({
      ...rest,
      mac: algorithm === "secret-prefix-sha256" ? secretPrefixHash(bytes) : hmac(algorithm, bytes),
    }));
  }

  check(request: WebhookRequest, nowMs: number): WebhookProof | Promise<WebhookProof> {
    const { signature, timestamp, idHeader, fixedHeaders, encoding } = this.#scheme;
    const { headers, rawBody } = request;
    const read = readSignatures(signature, headers);
    const time = timestamp?.header === undefined ? read.timestamp : requiredHeader(headers, timestamp.header);
    const id = idHeader === undefined ? undefined : readId(request, idHeader);
    if (fixedHeaders !== undefined) checkFixed(request, fixedHeaders);

    let timestampMs: number | undefined;
    if (time !== undefined && timestamp !== undefined) {
      timestampMs = readTimestamp(time, timestamp.unit);
      checkAge(timestampMs, nowMs, this.#toleranceMs);
    }
    const candidates = this.#decode(read.signatures, encoding);
    const parts = this.#parts(rawBody, request, time, id);
    const index = findKey(this.#keys, candidates, parts, nowMs);
    if (index instanceof Promise)
      return index.then((index) => this.#conclude(index, parts, timestampMs, id, nowMs));
    return this.#conclude(index, parts, timestampMs, id, nowMs);
  }

  async sign(draft: WebhookDraft, nowMs: number): Promise<SignedWebhook> {
    const { signature, timestamp, idHeader, fixedHeaders = [], encoding } = this.#scheme;
    const time = timestamp === undefined ? "" : writeTimestamp(nowMs, timestamp.unit);
    if (idHeader !== undefined && !SAFE_ID.test(draft.id ?? ""))
      throw new TypeError("id must be 1 to 256 characters of visible ASCII");
    const parts = this.#parts(draft.rawBody, draft, time, draft.id);
    const signatures: string[] = [];
    for (const { mac } of this.#keys) signatures.push(encodeDigest(await mac.tag(parts), encoding));
    return {
      ...draft,
      headers: {
        ...(draft.contentType === undefined ? {} : { "content-type": draft.contentType }),
        ...writeSignatures(signature, signatures, time),
        ...(timestamp?.header === undefined ? {} : { [timestamp.header]: time }),
        ...(idHeader === undefined ? {} : { [idHeader]: draft.id as string }),
        ...Object.fromEntries(fixedHeaders.map(({ header, value }) => [header, value])),
      },
    };
  }

  #decode(texts: readonly string[], encoding: DigestEncoding): readonly Uint8Array[] {
    const candidates: Uint8Array[] = [];
    for (const text of texts) {
      const candidate = decodeDigest(text, encoding, this.#length);
      if (candidate !== undefined) candidates.push(candidate);
    }
    if (candidates.length === 0)
      throw new WebhookError("WEBHOOK_BAD_ENCODING", "no signature is well-formed text of the right length");
    return candidates;
  }

  #parts(
    body: Uint8Array,
    request: { readonly url?: string; readonly method?: string },
    timestamp: string | undefined,
    id: string | undefined,
  ): SignedParts {
    const { url, method = "POST" } = request;
    const { writeUrl } = this.#scheme;
    const signedUrl = url === undefined || writeUrl === undefined ? url : writeUrl(url);
    const values: TemplateValues = { timestamp, id, url: signedUrl, method };
    return { before: this.#template.before(values), body, after: this.#template.after(values) };
  }

  #conclude(
    index: number,
    parts: SignedParts,
    headerTimestampMs: number | undefined,
    id: string | undefined,
    nowMs: number,
  ): WebhookProof {
    if (index < 0)
      throw new WebhookError("WEBHOOK_SIGNATURE_MISMATCH", "no signature fits any of the secrets");
    const timestampMs = headerTimestampMs ?? this.#readBodyTimestamp(parts.body, nowMs);
    return {
      keyIndex: index,
      keyId: this.#keys[index]?.id,
      timestampMs,
      id,
      identity: () => contentDigest(parts),
      windowMs: timestampMs === undefined ? undefined : this.#toleranceMs * 2,
    };
  }

  /** Only after the signature: before it, nothing in the body may decide anything. */
  #readBodyTimestamp(body: Uint8Array, nowMs: number): number | undefined {
    const { bodyMember, unit = "ms" } = this.#scheme.timestamp ?? {};
    if (bodyMember === undefined) return undefined;
    const timestampMs = readTimestamp(bodyTimestampText(body, bodyMember), unit);
    checkAge(timestampMs, nowMs, this.#toleranceMs);
    return timestampMs;
  }
}

function bodyTimestampText(body: Uint8Array, member: string): string {
  let value: unknown;
  try {
    const json = parseJson(body, { maxBytes: Math.max(body.length, 1), unsafeIntegers: "round" });
    value = (json as Readonly<Record<string, unknown>> | null)?.[member];
  } catch {
    // No cause: a parser's message may show a piece of the body.
    throw new WebhookError("WEBHOOK_TIMESTAMP_INVALID", "body that should hold the timestamp is not JSON");
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function readId({ headers }: WebhookRequest, name: string): string {
  const id = requiredHeader(headers, name);
  if (!SAFE_ID.test(id))
    throw new WebhookError("WEBHOOK_MALFORMED_HEADER", `header ${name} is not an id of visible ASCII`);
  return id;
}

function checkFixed({ headers }: WebhookRequest, expected: NonNullable<HmacScheme["fixedHeaders"]>): void {
  for (const { header, value, code } of expected)
    if (optionalHeader(headers, header) !== value)
      throw new WebhookError(code, `header ${header} is not ${value}`);
}

function checkScheme({ signature, timestamp, idHeader }: HmacScheme, { tokens }: SignedTemplate): void {
  const names =
    signature.form === "headers"
      ? signature.headers
      : [signature.header, signature.label, signature.separator];
  if (names.length === 0 || names.includes("")) throw new TypeError("signature must name header and label");
  const places = [timestamp?.header, timestamp?.bodyMember, signature.form === "fields" || undefined];
  const count = places.filter((place) => place !== undefined).length;
  if (count !== (timestamp === undefined ? 0 : 1))
    throw new TypeError("timestamp must have a unit and stand in exactly one place");
  const needsToken = timestamp !== undefined && timestamp.bodyMember === undefined;
  if (needsToken !== tokens.has("timestamp"))
    throw new TypeError("signed must hold {timestamp} exactly when there is a timestamp outside the body");
  if ((idHeader !== undefined) !== tokens.has("id"))
    throw new TypeError("signed must hold {id} exactly when idHeader is given");
}
