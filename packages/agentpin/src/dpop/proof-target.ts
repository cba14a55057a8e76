/**
 * The address that a proof is about: without query and fragment, as the URL standard writes it.
 * @throws TypeError when it is no http(s) address.
 * @see RFC 9449 section 4.3
 */
export function proofTarget(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || (parsed.protocol !== "https:" && parsed.protocol !== "http:"))
    throw new TypeError("url must be an http or https address");
  return `${parsed.origin}${parsed.pathname}`;
}
