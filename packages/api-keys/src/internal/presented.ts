import { parseToken } from "../token.ts";

const MAX_TOKEN_LENGTH = 512;
const MAX_ID_LENGTH = 256;
const PRINTABLE = /^[\x20-\x7e]+$/;
const GENERATED_ID = /^[0-9A-Za-z]{12}$/;

/** What somebody presented, as far as it can be told without looking anything up. */
export type Presented =
  /** An id to look up. `generated`: shape and checksum are those of a token made here. */
  | { readonly kind: "keyed"; readonly keyId: string; readonly secret: string; readonly generated: boolean }
  /** No id: nothing but a scan could find its record. */
  | { readonly kind: "unkeyed" }
  | { readonly kind: "malformed" };

const MALFORMED: Presented = { kind: "malformed" };
const UNKEYED: Presented = { kind: "unkeyed" };

/**
 * Splits what was presented at the first dot, as Symbiont does. An id that begins with our own prefix must carry
 * a whole token with the right checksum: typing errors and made-up tokens end here.
 */
export function readPresented(token: unknown, prefix: string): Presented {
  if (typeof token !== "string" || token.length === 0 || token.length > MAX_TOKEN_LENGTH) return MALFORMED;
  const parts = parseToken(token);
  if (parts !== undefined)
    return { kind: "keyed", keyId: parts.keyId, secret: parts.secret, generated: true };
  if (!PRINTABLE.test(token)) return MALFORMED;
  const dot = token.indexOf(".");
  const keyId = token.slice(0, dot);
  if (isGeneratedId(keyId, prefix)) return MALFORMED;
  if (dot <= 0 || dot === token.length - 1) return UNKEYED;
  if (keyId.length > MAX_ID_LENGTH) return MALFORMED;
  return { kind: "keyed", keyId, secret: token.slice(dot + 1), generated: false };
}

function isGeneratedId(keyId: string, prefix: string): boolean {
  return (
    keyId.length === prefix.length + 13 &&
    keyId.startsWith(`${prefix}_`) &&
    GENERATED_ID.test(keyId.slice(prefix.length + 1))
  );
}
