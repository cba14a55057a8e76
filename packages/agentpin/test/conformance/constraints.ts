import { domainMatches, requestsPerHour } from "@symbiont/agentpin";
import { expect } from "vitest";
import type { VectorFile } from "../../../../scripts/conformance/suite.ts";

export const constraints: VectorFile = (data, check) => {
  for (const { op, rate, expect_per_hour, pattern, domain, expect: expected } of data.cases) {
    if (op === "rate") {
      check(`rate ${JSON.stringify(rate)}`, () =>
        expect(requestsPerHour(rate) ?? null).toBe(expect_per_hour),
      );
    } else {
      check(`${op} ${pattern} ${domain}`, () => expect(domainMatches(pattern, domain)).toBe(expected));
    }
  }
};
