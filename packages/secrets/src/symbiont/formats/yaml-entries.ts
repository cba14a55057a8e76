import type * as Yaml from "yaml";
import { floatText } from "./float-text.ts";
import { assertMarkupFits, type Entries, loadParser, unreadable } from "./plain-format.ts";

/**
 * A YAML mapping; whatever is no string becomes YAML text, which ends in a newline. Names that are no strings are
 * dropped, as Symbiont does.
 */
export async function yamlEntries(text: string): Promise<Entries> {
  assertMarkupFits(text);
  const yaml = await loadParser("yaml", () => import("yaml"));
  const root = parsed(yaml, text);
  if (!(root instanceof Map)) throw unreadable("the YAML root is not a mapping");
  const entries = new Map<string, string>();
  for (const [name, value] of root as ReadonlyMap<unknown, unknown>)
    if (typeof name === "string")
      entries.set(name, typeof value === "string" ? value : yamlText(yaml, value));
  return entries;
}

function parsed(yaml: typeof Yaml, text: string): unknown {
  try {
    const document = yaml.parseDocument(text, { intAsBigInt: true, logLevel: "silent" });
    if (document.errors.length === 0) return document.toJS({ mapAsMap: true });
  } catch {
    // Too many aliases, for example.
  }
  throw unreadable("not YAML");
}

function yamlText(yaml: typeof Yaml, value: unknown): string {
  if (typeof value === "number" && Number.isFinite(value)) return `${floatText(value)}\n`;
  return yaml.stringify(withFloats(yaml, value), { indentSeq: false, lineWidth: 0 });
}

/** Numbers that are integers were read as such; the others must not look like one. */
function withFloats(yaml: typeof Yaml, value: unknown): unknown {
  if (typeof value === "number") {
    const scalar = new yaml.Scalar(value);
    if (Number.isInteger(value)) scalar.minFractionDigits = 1;
    return scalar;
  }
  if (Array.isArray(value)) return value.map((item: unknown) => withFloats(yaml, item));
  if (value instanceof Map)
    return new Map(
      [...(value as ReadonlyMap<unknown, unknown>)].map(([name, item]) => [name, withFloats(yaml, item)]),
    );
  return value;
}
