import { emptyRoot, nodeHash } from "./tree-hash.ts";

/**
 * What a log has to remember to go on growing: the roots of its full subtrees, at most one for each bit of its size.
 * @see https://github.com/transparency-dev/merkle/blob/main/docs/compact_ranges.md
 */
export class CompactRange {
  /** Roots of full subtrees, the largest first. */
  readonly #roots: Uint8Array[] = [];
  #size = 0;

  /** Entries so far. */
  get size(): number {
    return this.#size;
  }

  /** Adds the hash of the next entry. */
  append(leaf: Uint8Array): void {
    let root = leaf;
    // Each trailing one bit of the size is a full subtree that now pairs up.
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      root = nodeHash(this.#roots.pop() as Uint8Array, root);
    }
    this.#roots.push(root);
    this.#size += 1;
  }

  /** The root over all entries so far. */
  root(): Uint8Array {
    const roots = [...this.#roots];
    let root = roots.pop();
    if (root === undefined) return emptyRoot();
    for (let left = roots.pop(); left !== undefined; left = roots.pop()) root = nodeHash(left, root);
    return root;
  }
}
