const MAX_PATTERN = 256;
const MAX_NAME = 256;
const CLASS = /\[(?:\\.|[^\]\\])*\]/g;

/**
 * Compiles a `patternProperties` pattern of a schema that may come from anyone. Only patterns that cannot take
 * long are run: no groups, no back references, one quantifier at most. `undefined` means that the pattern is
 * not run, and that every name has to be taken as matching it.
 */
export function safePattern(source: string): ((name: string) => boolean) | undefined {
  if (source.length > MAX_PATTERN) return undefined;
  const outline = source.replace(/\\[^1-9k]/g, "_").replace(CLASS, "_");
  if (/[()\\[]/.test(outline) || (outline.match(/[*+?{]/g) ?? []).length > 1) return undefined;
  try {
    const pattern = new RegExp(source, "u");
    return (name) => name.length > MAX_NAME || pattern.test(name);
  } catch {
    return undefined;
  }
}
