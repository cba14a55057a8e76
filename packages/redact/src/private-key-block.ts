import type { TextSpan } from "./text-span.ts";

/** How every block begins. */
export const PRIVATE_KEY_SIGN = "-----BEGIN ";
const HEADER = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const FOOTER = /-----END [A-Z0-9 ]{0,60}-----/y;
/** What a PEM or armoured body is made of, also when its line breaks are written as `\n`. */
const BODY = /[A-Za-z0-9+/=\s\\:,.()-]*/y;
const AFTER_FOOTER = /-----END [A-Z0-9 ]{0,60}-----/;

/**
 * Finds private key blocks: PKCS #8, encrypted, SEC 1, OpenSSH, PGP (RFC 7468, RFC 9580). A block without its
 * end is redacted as far as it looks like one, because half a key is half a secret.
 */
export function findPrivateKeyBlocks(text: string, spans: TextSpan[]): void {
  let at = text.indexOf(PRIVATE_KEY_SIGN);
  let footer = 0;
  while (at >= 0) {
    HEADER.lastIndex = at;
    if (!HEADER.test(text)) {
      at = text.indexOf(PRIVATE_KEY_SIGN, at + 1);
      continue;
    }
    // Looked for again only once passed, so that a thousand headers before one footer cost one search.
    if (footer >= 0 && footer < HEADER.lastIndex) footer = text.indexOf("-----END ", HEADER.lastIndex);
    const end = footer < 0 ? endOfBody(text, HEADER.lastIndex) : endOfFooter(text, footer);
    spans.push({ from: at, start: at, end, replacement: "[REDACTED:PRIVATE_KEY]", resume: AFTER_FOOTER });
    at = text.indexOf(PRIVATE_KEY_SIGN, end);
  }
}

function endOfBody(text: string, start: number): number {
  BODY.lastIndex = start;
  BODY.test(text);
  return BODY.lastIndex;
}

function endOfFooter(text: string, start: number): number {
  FOOTER.lastIndex = start;
  return FOOTER.test(text) ? FOOTER.lastIndex : endOfBody(text, start);
}
