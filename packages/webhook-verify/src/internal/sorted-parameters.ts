import { compareCodePoints } from "@symbiont/kit";

/**
 * Joins form parameters as Twilio and its kin sign them: names in byte order, each followed by its values; a name
 * that stands there several times gives its different values, sorted.
 */
export function sortedParameters(pairs: readonly (readonly [string, string])[]): string {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of pairs) {
    const known = values.get(name);
    if (known === undefined) values.set(name, new Set([value]));
    else known.add(value);
  }
  let text = "";
  for (const name of [...values.keys()].sort(compareCodePoints))
    for (const value of [...(values.get(name) ?? [])].sort(compareCodePoints)) text += name + value;
  return text;
}
