import { AgentPinVerifier, OfflineVerifier, refusalOf, TrustBundle } from "@symbiont/agentpin";
import { expect } from "vitest";
import type { VectorFile } from "../../../../scripts/conformance/suite.ts";
import { outcomeOf } from "./vector-world.ts";

export const bundles: VectorFile = (data, check) => {
  for (const { id, bundle: raw, jwt, audience, now, expect: expected } of data.cases) {
    check(id, async () => {
      const clock = { now: () => now * 1000 };
      let bundle: TrustBundle;
      try {
        bundle = TrustBundle.parse(JSON.stringify(raw));
      } catch (error) {
        expect(outcomeOf(refusalOf(error, 0), expected)).toEqual(expected);
        return;
      }
      const verifier = new AgentPinVerifier({ audience, trust: { bundle }, clock });
      expect(outcomeOf(await verifier.verify(jwt), expected)).toEqual(expected);
      const offline = new OfflineVerifier({ audience, documents: bundle, clock });
      expect(offline.verify(jwt).valid).toBe(expected.valid);
    });
  }
};
