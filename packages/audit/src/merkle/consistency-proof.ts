import { constantTimeEqual } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import { consistencyRanges } from "./proof-ranges.ts";
import { subtreeRoot } from "./subtree-root.ts";
import { HASH_LENGTH, nodeHash } from "./tree-hash.ts";

/** Says that a smaller tree is the beginning of a larger one. */
export interface ConsistencyProof {
  readonly first: number;
  readonly second: number;
  readonly proof: readonly Uint8Array[];
}

/**
 * Proves that the tree over the first `first` leaf hashes is the beginning of the tree over all of them.
 * @throws RangeError when `first` is not from 1 to the number of leaves.
 * @see RFC 6962 section 2.1.2
 */
export function consistencyProof(leaves: readonly Uint8Array[], first: number): ConsistencyProof {
  const ranges = consistencyRanges(first, leaves.length);
  const proof = ranges.map(([start, end]) => subtreeRoot(leaves, start, end));
  return { first, second: leaves.length, proof };
}

/**
 * Checks that the tree with `firstRoot` is the beginning of the tree with `secondRoot`. It passes or throws.
 * A tree without entries begins every tree and proves nothing: `first` must be at least 1.
 * @throws AuditError `AUDIT_PROOF_INVALID`
 * @see RFC 9162 section 2.1.4.2
 */
export function verifyConsistency(
  { first, second, proof }: ConsistencyProof,
  firstRoot: Uint8Array,
  secondRoot: Uint8Array,
): void {
  const sizes = Number.isSafeInteger(first) && Number.isSafeInteger(second) && first >= 1 && first <= second;
  if (!sizes || ![firstRoot, secondRoot, ...proof].every((hash) => hash.length === HASH_LENGTH))
    throw invalid();
  if (first === second) {
    if (proof.length !== 0 || !constantTimeEqual(firstRoot, secondRoot)) throw invalid();
    return;
  }
  // When the first size is a power of two its root is a node of the second tree, and left out of the proof.
  const path = isPowerOfTwo(first) ? [firstRoot, ...proof] : [...proof];
  const start = path.shift();
  if (start === undefined || path.length === 0) throw invalid();

  let position = first - 1;
  let last = second - 1;
  while (position % 2 === 1) {
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  let firstHash = start;
  let secondHash = start;
  for (const sibling of path) {
    if (last === 0) throw invalid();
    if (position % 2 === 1 || position === last) {
      firstHash = nodeHash(sibling, firstHash);
      secondHash = nodeHash(sibling, secondHash);
      while (position % 2 === 0 && position !== 0) {
        position = Math.floor(position / 2);
        last = Math.floor(last / 2);
      }
    } else {
      secondHash = nodeHash(secondHash, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  const holds =
    last === 0 && constantTimeEqual(firstHash, firstRoot) && constantTimeEqual(secondHash, secondRoot);
  if (!holds) throw invalid();
}

function isPowerOfTwo(size: number): boolean {
  return Number.isInteger(Math.log2(size));
}

function invalid(): AuditError {
  return new AuditError("AUDIT_PROOF_INVALID", "the consistency proof does not hold");
}
