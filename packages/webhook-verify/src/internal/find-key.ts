import type { Mac, SignedParts } from "./mac.ts";

/** A secret that is ready for use. */
export interface MacKey {
  readonly mac: Mac;
  readonly id?: string;
  /** Last millisecond at which it counts. */
  readonly notAfterMs: number;
}

/**
 * Finds the first key under which one of the candidates is the tag of the message; -1 when there is none.
 * Which key matched is not hidden.
 */
export function findKey(
  keys: readonly MacKey[],
  candidates: readonly Uint8Array[],
  parts: SignedParts,
  nowMs: number,
  from = 0,
): number | Promise<number> {
  for (let index = from; index < keys.length; index += 1) {
    const key = keys[index] as MacKey;
    if (key.notAfterMs < nowMs) continue;
    const matches = key.mac.matches(parts, candidates);
    if (matches instanceof Promise)
      return matches.then((matches) =>
        matches ? index : findKey(keys, candidates, parts, nowMs, index + 1),
      );
    if (matches) return index;
  }
  return -1;
}
