const TYPE = "[a-z0-9!#$&^_.-]+";
const PATTERN = new RegExp(`^${TYPE}/(?:\\*\\+)?[a-z0-9!#$&^_.+-]+$`);

/** Tells whether `text` may stand in an `accept` option: `type/subtype` or `type/*+suffix`, in lower case. */
export function isMediaTypePattern(text: string): boolean {
  return PATTERN.test(text);
}

/** Compares a `content-type` header with the expected types; no expectation accepts anything. */
export function mediaTypeAllowed(header: string | undefined, accept: readonly string[]): boolean {
  if (accept.length === 0) return true;
  const type = header?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return accept.some((pattern) => {
    const [family, suffix] = pattern.split("*") as [string, string?];
    if (suffix === undefined) return type === pattern;
    return type.startsWith(family) && type.endsWith(suffix) && type.length > family.length + suffix.length;
  });
}
