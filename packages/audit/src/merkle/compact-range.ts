import { sha256Hex } from "@symbiont/keys";
import { decodeHex, encodeHex } from "@symbiont/kit";
import { emptyRoot, HASH_LENGTH } from "./tree-hash.ts";

/** Learns of every full subtree when it is complete: the binary logarithm of its size, and its root. */
export type SubtreeListener = (level: number, root: string) => void;

/**
 * What a log has to remember to go on growing: the roots of its full subtrees, at most one for each bit of its size.
 * @see https://github.com/transparency-dev/merkle/blob/main/docs/compact_ranges.md
 */
export class CompactRange {
  /** Roots of full subtrees, the largest first; hexadecimal is the fastest form of a hash. */
  readonly #roots: string[] = [];
  readonly #node: Buffer = Buffer.alloc(1 + 2 * HASH_LENGTH, 1);
  #size = 0;

  /** A range that was remembered. The roots are as {@link CompactRange.roots} gave them. */
  static from(size: number, roots: readonly string[]): CompactRange {
    const range = new CompactRange();
    range.#roots.push(...roots);
    range.#size = size;
    return range;
  }

  /** Entries so far. */
  get size(): number {
    return this.#size;
  }

  /** Roots of the full subtrees in hexadecimal, the largest first. */
  get roots(): readonly string[] {
    return [...this.#roots];
  }

  /** Adds the hash of the next entry. */
  append(leaf: Uint8Array): void {
    this.appendHex(encodeHex(leaf));
  }

  /** Adds the hash of the next entry in hexadecimal. */
  appendHex(leaf: string, listener?: SubtreeListener): void {
    let root = leaf;
    let level = 0;
    listener?.(level, root);
    // Each trailing one bit of the size is a full subtree that now pairs up.
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      root = this.#join(this.#roots.pop() as string, root);
      level += 1;
      listener?.(level, root);
    }
    this.#roots.push(root);
    this.#size += 1;
  }

  /** The root over all entries so far. */
  root(): Uint8Array {
    const roots = [...this.#roots];
    let root = roots.pop();
    if (root === undefined) return emptyRoot();
    for (let left = roots.pop(); left !== undefined; left = roots.pop()) root = this.#join(left, root);
    return decodeHex(root);
  }

  #join(left: string, right: string): string {
    this.#node.write(left, 1, "hex");
    this.#node.write(right, 1 + HASH_LENGTH, "hex");
    return sha256Hex(this.#node);
  }
}
