import { splitSize } from "./tree-hash.ts";

/** Leaves from `start` up to `end`. */
export type LeafRange = readonly [start: number, end: number];

/** Gives the root over a range of leaves. */
export type RangeRoot = (start: number, end: number) => Uint8Array;

/** The ranges whose roots prove that a leaf is in a tree, from the leaf up (RFC 6962 section 2.1.1). */
export function inclusionRanges(index: number, size: number): readonly LeafRange[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new RangeError(`index must be a leaf of ${size}, got ${index}`);
  let start = 0;
  let end = size;
  const siblings: LeafRange[] = [];
  while (end - start > 1) {
    const split = start + splitSize(end - start);
    if (index < split) {
      siblings.unshift([split, end]);
      end = split;
    } else {
      siblings.unshift([start, split]);
      start = split;
    }
  }
  return siblings;
}

/** The ranges whose roots prove that a tree is the beginning of another (RFC 6962 section 2.1.2). */
export function consistencyRanges(first: number, second: number): readonly LeafRange[] {
  if (!Number.isSafeInteger(first) || first < 1 || first > second)
    throw new RangeError(`first must be from 1 to ${second}, got ${first}`);
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = second;
  let isRoot = true;
  while (first !== end) {
    const split = start + splitSize(end - start);
    if (first <= split) {
      ranges.unshift([split, end]);
      end = split;
    } else {
      ranges.unshift([start, split]);
      start = split;
      isRoot = false;
    }
  }
  return isRoot ? ranges : [[start, end], ...ranges];
}
