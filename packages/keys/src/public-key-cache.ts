import type { Algorithm } from "./algorithm.ts";
import { toBinaryText } from "./byte-string.ts";
import { PublicKey } from "./public-key.ts";

/** Most keys kept; the least recently used one goes first. */
export const CACHE_CAPACITY = 1000;

const cache = new Map<string, PublicKey>();

/**
 * The key with this content, checked once and then remembered together with whatever an engine made of it.
 *
 * The cache sits behind the strict parsers and is keyed by algorithm and key bytes, so every spelling of a
 * key shares one entry, and no text that would be refused can ever hit.
 *
 * @throws KeysError as the constructor of {@link PublicKey}
 */
export function cachedPublicKey(algorithm: Algorithm, raw: Uint8Array): PublicKey {
  const content = algorithm + toBinaryText(raw);
  const known = cache.get(content);
  if (known !== undefined) {
    cache.delete(content);
    cache.set(content, known);
    return known;
  }
  const key = new PublicKey(algorithm, raw);
  if (cache.size >= CACHE_CAPACITY) cache.delete(cache.keys().next().value as string);
  cache.set(content, key);
  return key;
}
