import { constantTimeEqual } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import { inclusionRanges } from "./proof-ranges.ts";
import { subtreeRoot } from "./subtree-root.ts";
import { HASH_LENGTH, nodeHash } from "./tree-hash.ts";

/** Says that a leaf is in a tree. */
export interface InclusionProof {
  /** Position of the leaf, from 0. */
  readonly index: number;
  /** Entries in the tree. */
  readonly size: number;
  /** Sibling hashes from the leaf up. */
  readonly proof: readonly Uint8Array[];
}

/**
 * Proves that a leaf is in the tree over all given leaf hashes.
 * @throws RangeError when there is no such leaf.
 */
export function inclusionProof(leaves: readonly Uint8Array[], index: number): InclusionProof {
  const ranges = inclusionRanges(index, leaves.length);
  const proof = ranges.map(([start, end]) => subtreeRoot(leaves, start, end));
  return { index, size: leaves.length, proof };
}

/**
 * Checks that `leaf` is in the tree with the given root. Returns nothing: it passes or throws.
 * @throws AuditError `AUDIT_PROOF_INVALID`
 * @see RFC 9162 section 2.1.3.2
 */
export function verifyInclusion(
  leaf: Uint8Array,
  { index, size, proof }: InclusionProof,
  root: Uint8Array,
): void {
  const sizes = Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size;
  if (!sizes || ![leaf, root, ...proof].every((hash) => hash.length === HASH_LENGTH)) throw invalid();
  let position = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) throw invalid();
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(sibling, hash);
      // On the right edge, levels without a sibling are skipped.
      while (position % 2 === 0 && position !== 0) {
        position = Math.floor(position / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0 || !constantTimeEqual(hash, root)) throw invalid();
}

function invalid(): AuditError {
  return new AuditError("AUDIT_PROOF_INVALID", "the inclusion proof does not hold");
}
