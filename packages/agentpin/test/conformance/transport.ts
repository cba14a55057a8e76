import {
  credentialFromAuthorization,
  parseDiscoveryDocument,
  parseTxtRecord,
  txtRecordMatches,
  verifyAgentPinCard,
} from "@symbiont/agentpin";
import { expect } from "vitest";
import type { VectorFile } from "../../../../scripts/conformance/suite.ts";
import { namedDocuments } from "./vector-world.ts";

export const transport: VectorFile = (data, check) => {
  const discovery = parseDiscoveryDocument(namedDocuments["deployer"], "deployer.example");
  for (const one of data.cases) {
    const name = `${one.op} ${one.id ?? one.header ?? one.record ?? one.card}`;
    check(name, () => {
      switch (one.op) {
        case "http":
          expect(credentialFromAuthorization(one.header) ?? null).toBe(one.expect);
          break;
        case "dns_txt":
          if (one.expect.ok) expect(parseTxtRecord(one.record).thumbprint).toMatch(/^[0-9a-f]{64}$/);
          else
            expect(() => parseTxtRecord(one.record)).toThrow(
              expect.objectContaining({ code: "AGENTPIN_TXT_RECORD_INVALID" }),
            );
          break;
        case "dns_match": {
          const { kid, fingerprint } = one.txt;
          const record = {
            thumbprint: fingerprint.slice("sha256:".length),
            ...(kid === null ? {} : { kid }),
          };
          expect(txtRecordMatches(record, discovery)).toBe(one.expect);
          break;
        }
        case "a2a_card": {
          const verify = (): unknown => verifyAgentPinCard(one.card, discovery);
          if (one.expect) expect(verify()).toMatchObject({ name: one.card.name });
          else expect(verify).toThrow(expect.objectContaining({ code: "AGENTPIN_CARD_INVALID" }));
          break;
        }
        default:
          // A document derived from a card is none: nothing in this package derives one, and nothing takes one.
          expect(one.op).toBe("a2a_derive");
          expect(() => parseDiscoveryDocument(one.observed_npm030, "deployer.example")).toThrow(
            expect.objectContaining({ reason: "version_unsupported" }),
          );
      }
    });
  }
};
