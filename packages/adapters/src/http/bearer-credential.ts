import type { HeaderPairs } from "./refusal.ts";

const MAX_LENGTH = 16_384;

/**
 * The bearer credential of a request: exactly one `Authorization` line, the scheme in any case, one space, and the
 * characters that a token may have. Anything else counts as no credential. @see RFC 6750 section 2.1
 */
export function bearerCredential(headers: HeaderPairs): string | undefined {
  const lines = headers.filter(([name]) => name.toLowerCase() === "authorization");
  const [line] = lines;
  if (line === undefined || lines.length > 1 || line[1].length > MAX_LENGTH) return undefined;
  return /^bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(line[1])?.[1];
}
