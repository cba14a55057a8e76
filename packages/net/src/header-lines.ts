/**
 * Header lines in the order they arrived: pairs of name and value (an array of pairs, a `Map`, a web
 * `Headers`), or Node's flat `rawHeaders` list. Not `req.headers`: it joins or drops repeated lines.
 */
export type HeaderLines = Iterable<readonly [string, string]> | readonly string[];

/** Collects the values of one header; `name` is in lower case. */
export function headerValues(lines: HeaderLines, name: string): string[] {
  const values: string[] = [];
  if (isFlat(lines)) {
    for (let index = 0; index + 1 < lines.length; index += 2)
      if (sameName(lines[index] as string, name)) values.push(lines[index + 1] as string);
    return values;
  }
  for (const [key, value] of lines) if (sameName(key, name)) values.push(value);
  return values;
}

function isFlat(lines: HeaderLines): lines is readonly string[] {
  return Array.isArray(lines) && (lines.length === 0 || typeof lines[0] === "string");
}

function sameName(key: string, name: string): boolean {
  return key.length === name.length && (key === name || key.toLowerCase() === name);
}
