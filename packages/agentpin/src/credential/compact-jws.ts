import { decodeBase64Url, decodeBase64UrlText, type JsonObject, KitError, parseJson } from "@symbiont/kit";

/** The three parts of a compact JWS, as text. @see RFC 7515 section 3.1 */
export interface CompactJws {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
  /** What is signed: the first two parts. */
  readonly signingInput: string;
}

/** What may be wrong with a part. */
export type JwsProblem = "base64url" | "malformed" | "duplicate_member";

/** Longest token, in characters. */
export const MAX_TOKEN_LENGTH = 8_192;
const MAX_DEPTH = 16;

/** Takes a token apart at its two dots; undefined when it has another number of them, or is longer than 8 KiB. */
export function splitCompactJws(token: unknown): CompactJws | undefined {
  if (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH) return undefined;
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  if (first < 1 || second < 0 || token.includes(".", second + 1)) return undefined;
  return {
    header: token.slice(0, first),
    payload: token.slice(first + 1, second),
    signature: token.slice(second + 1),
    signingInput: token.slice(0, second),
  };
}

/**
 * Reads a part that must be one JSON object in strict base64url: canonical trailing bits, well-formed UTF-8, no
 * member twice.
 */
export function readJwsObject(part: string): JsonObject | JwsProblem {
  try {
    const value = parseJson(decodeBase64UrlText(part), { maxDepth: MAX_DEPTH, reservedNames: [] });
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : "malformed";
  } catch (error) {
    if (!KitError.is(error)) throw error;
    if (error.code === "JSON_DUPLICATE_NAME") return "duplicate_member";
    // Bytes that are no text have no position; characters that are no base64url have one.
    return error.code === "ENCODING_INVALID" && error.offset !== undefined ? "base64url" : "malformed";
  }
}

/** Reads the signature part; undefined when it is not strict base64url. */
export function readJwsSignature(part: string): Uint8Array | undefined {
  try {
    return decodeBase64Url(part);
  } catch {
    return undefined;
  }
}
