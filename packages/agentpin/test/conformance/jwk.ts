import { parseDiscoveryDocument } from "@symbiont/agentpin";
import { expect } from "vitest";
import type { VectorFile } from "../../../../scripts/conformance/suite.ts";
import { namedDocuments } from "./vector-world.ts";

export const jwk: VectorFile = (data, check) => {
  for (const { id, jwk: published, expect_import, thumbprint_hex } of data.cases) {
    check(id, () => {
      const document = { ...namedDocuments["deployer"], public_keys: [published] };
      const key = parseDiscoveryDocument(document, "deployer.example").keys.get(published.kid);
      expect(typeof key?.key !== "string").toBe(expect_import);
      if (thumbprint_hex !== undefined && expect_import) expect(key?.thumbprint).toBe(thumbprint_hex);
    });
  }
};
