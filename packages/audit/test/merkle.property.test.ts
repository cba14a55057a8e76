import {
  AuditError,
  CompactRange,
  consistencyProof,
  inclusionProof,
  leafHash,
  parseNote,
  parseVerifierKey,
  verifyConsistency,
  verifyInclusion,
} from "@symbiont/audit";
import fc from "fast-check";
import { expect, test } from "vitest";

const leaves = fc
  .array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 70 })
  .map((entries) => entries.map(leafHash));

function root(hashes: readonly Uint8Array[]): Uint8Array {
  const range = new CompactRange();
  for (const hash of hashes) range.append(hash);
  return range.root();
}

test("every proof holds, and no proof holds after any change", () => {
  fc.assert(
    fc.property(leaves, fc.nat(), fc.nat(), fc.nat(), (hashes, at, bit, which) => {
      const index = at % hashes.length;
      const first = (at % hashes.length) + 1;
      const inclusion = inclusionProof(hashes, index);
      const consistency = consistencyProof(hashes, first);
      verifyInclusion(hashes[index] as Uint8Array, inclusion, root(hashes));
      verifyConsistency(consistency, root(hashes.slice(0, first)), root(hashes));

      const flip = (proof: readonly Uint8Array[]): Uint8Array[] =>
        proof.map((hash, position) => {
          const changed = Uint8Array.from(hash);
          if (position === which % proof.length)
            changed[bit % 32] = (changed[bit % 32] ?? 0) ^ (1 << (bit % 8));
          return changed;
        });
      if (inclusion.proof.length > 0) {
        const changed = { ...inclusion, proof: flip(inclusion.proof) };
        expect(() => verifyInclusion(hashes[index] as Uint8Array, changed, root(hashes))).toThrow(AuditError);
      }
      if (consistency.proof.length > 0) {
        const changed = { ...consistency, proof: flip(consistency.proof) };
        expect(() => verifyConsistency(changed, root(hashes.slice(0, first)), root(hashes))).toThrow(
          AuditError,
        );
      }
    }),
  );
});

test("a growing tree gives the same root as a tree built at once", () => {
  fc.assert(
    fc.property(leaves, (hashes) => {
      const recursive = (list: readonly Uint8Array[]): Uint8Array => {
        if (list.length === 1) return list[0] as Uint8Array;
        const split = 2 ** Math.floor(Math.log2(list.length - 1));
        return root([recursive(list.slice(0, split)), recursive(list.slice(split))]);
      };
      expect(root(hashes)).toEqual(recursive(hashes));
    }),
  );
});

test("no text makes the note and key parsers throw anything but AuditError", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .array(fc.constantFrom("a\n", "\n", "— ", "name ", "AAAAAAAA", "=", "\r", "+", "0", "\ud800", "—"))
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (input) => {
      for (const parse of [parseNote, parseVerifierKey]) {
        try {
          parse(input);
        } catch (error) {
          expect(AuditError.is(error)).toBe(true);
        }
      }
    }),
    { numRuns: 5_000 },
  );
});
