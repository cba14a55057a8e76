import { CapabilitySet, capabilitiesHash, capabilityMatches, isKnownCapability } from "@symbiont/agentpin";
import { expect } from "vitest";
import type { VectorFile } from "../../../../scripts/conformance/suite.ts";

export const capabilities: VectorFile = (data, check) => {
  for (const one of data.cases) {
    const { op, declared, requested, expect: expected } = one;
    const name = `${op} ${JSON.stringify(one.capability ?? one.capabilities ?? [declared, requested])}`;
    if (op === "match") {
      check(name, () => expect(capabilityMatches(declared, requested)).toBe(expected));
      check(`${name}, in a set`, () => {
        expect(new CapabilitySet([declared]).problemOf(requested) === undefined).toBe(expected);
      });
    } else if (op === "subset") {
      check(name, () => {
        const set = new CapabilitySet(declared);
        expect(requested.every((item: string) => set.problemOf(item) === undefined)).toBe(expected);
      });
    } else if (op === "hash") {
      check(name, () => {
        // What implementations write differently is refused.
        if (one.references_agree) expect(capabilitiesHash(one.capabilities)).toBe(expected);
        else expect(() => capabilitiesHash(one.capabilities)).toThrow(RangeError);
      });
    } else {
      check(name, () => {
        expect(op).toBe("validate");
        expect(isKnownCapability(one.capability)).toBe(expected);
      });
    }
  }
};
