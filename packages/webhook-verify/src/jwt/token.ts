import {
  decodeBase64UrlText,
  deepFreeze,
  encodeUtf8,
  type JsonObject,
  KitError,
  parseJson,
} from "@symbiont/kit";
import { decodeBytes } from "../internal/digest-text.ts";
import { runtimeBuffer } from "../internal/runtime-buffer.ts";
import { WebhookError } from "../webhook-error.ts";

/** A token taken apart. Nothing in it may be trusted yet. */
export interface Token {
  readonly header: JsonObject;
  readonly payload: JsonObject;
  /** What was signed. */
  readonly signingInput: Uint8Array;
  readonly signature: Uint8Array;
}

const MAX_LENGTH = 16_384;
const BOUNDS = { maxBytes: MAX_LENGTH, maxDepth: 16, unsafeIntegers: "round" } as const;

/**
 * Takes a compact JWS apart. Each of the three parts has exactly one accepted spelling, so that a token has one
 * spelling too.
 * @throws WebhookError `WEBHOOK_JWT_MALFORMED`, `WEBHOOK_CLAIM_INVALID` for a number that is not finite.
 * @see RFC 7515 sections 4.1.11 and 5.2, RFC 8725 section 2.4
 */
export function parseToken(text: string): Token {
  if (text.length > MAX_LENGTH) throw malformed(`is longer than ${MAX_LENGTH} characters`);
  const parts = text.split(".", 4);
  if (parts.length !== 3) throw malformed("does not have three parts");
  const [header, payload, signature] = parts as [string, string, string];
  const read = {
    header: readHeader(header),
    payload: readObject(payload, "payload"),
    signingInput: asciiBytes(text.slice(0, header.length + 1 + payload.length)),
    signature: decode(signature, "signature"),
  };
  // No extension is understood here, so every critical one must be refused.
  if (Object.hasOwn(read.header, "crit")) throw malformed("has critical extensions");
  return read;
}

/** Headers repeat from token to token, and reading one again gives nothing new. */
const headers = new Map<string, JsonObject>();
const MAX_HEADERS = 16;
const MAX_KEPT_LENGTH = 256;

function readHeader(part: string): JsonObject {
  let header = headers.get(part);
  if (header === undefined) {
    header = deepFreeze(readObject(part, "header"));
    if (headers.size >= MAX_HEADERS) headers.clear();
    if (part.length <= MAX_KEPT_LENGTH) headers.set(part, header);
  }
  return header;
}

function readObject(part: string, name: string): JsonObject {
  let value: unknown;
  try {
    value = parseJson(decodeBase64UrlText(part), BOUNDS);
  } catch (error) {
    // No cause: a parser's message may show a piece of the token.
    if (KitError.is(error) && error.code === "ENCODING_INVALID" && error.offset !== undefined)
      throw malformed(`has a ${name} that is not canonical base64url`);
    if (KitError.is(error) && error.code === "JSON_NUMBER_RANGE")
      throw new WebhookError("WEBHOOK_CLAIM_INVALID", `token's ${name} holds a number that is not finite`);
    throw malformed(`has a ${name} that is not JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw malformed(`has a ${name} that is not an object`);
  return value as JsonObject;
}

/** Canonical base64url and a dot: all of it is ASCII. */
function asciiBytes(text: string): Uint8Array {
  return runtimeBuffer()?.from(text, "latin1") ?? encodeUtf8(text);
}

function decode(part: string, name: string): Uint8Array {
  const bytes = decodeBytes(part, "base64url");
  if (bytes === undefined) throw malformed(`has a ${name} that is not canonical base64url`);
  return bytes;
}

function malformed(what: string): WebhookError {
  return new WebhookError("WEBHOOK_JWT_MALFORMED", `token ${what}`);
}
