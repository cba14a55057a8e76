import { CompactRange } from "./compact-range.ts";

/** The root over the leaf hashes from `start` up to `end`. */
export function subtreeRoot(leaves: readonly Uint8Array[], start: number, end: number): Uint8Array {
  const range = new CompactRange();
  for (let index = start; index < end; index += 1) range.append(leaves[index] as Uint8Array);
  return range.root();
}
