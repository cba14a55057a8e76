import type { HeaderPairs } from "./refusal.ts";

/** Node's `rawHeaders`, a flat list, as pairs. Unlike `headers` it keeps lines that occur twice. */
export function pairsOf(rawHeaders: readonly string[]): HeaderPairs {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    pairs.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
  }
  return pairs;
}
