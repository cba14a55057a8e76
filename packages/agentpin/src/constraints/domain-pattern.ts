const NAME = /^(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/;
const MAX_LENGTH = 255;

/** Tells whether this is a lower-case domain name, or one behind `*.`. */
export function isDomainPattern(text: unknown): text is string {
  if (typeof text !== "string" || text.length > MAX_LENGTH) return false;
  return NAME.test(text.startsWith("*.") ? text.slice(2) : text);
}

/**
 * Tells whether a pattern covers a domain, or every domain of another pattern: `*.a.example` covers what is below
 * `a.example` at any depth, but not `a.example` itself.
 */
export function domainMatches(pattern: string, domain: string): boolean {
  if (!isDomainPattern(pattern) || !isDomainPattern(domain)) return false;
  if (pattern === domain) return true;
  if (!pattern.startsWith("*.")) return false;
  const name = domain.startsWith("*.") ? domain.slice(2) : domain;
  return name.endsWith(pattern.slice(1));
}
