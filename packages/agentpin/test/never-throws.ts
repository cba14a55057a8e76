import { OfflineVerifier, PROTOCOL_CODES, StaticDocuments } from "@symbiont/agentpin";
import fc from "fast-check";
import { expect } from "vitest";
import { anyToken, soundToken, tokenWorld } from "./token-generator.ts";
import { AUDIENCE, ISSUER } from "./world.ts";

/** Verifies many tokens of every kind: each is refused with one of the protocol's codes, or says what the issuer signed. */
export async function verifyAnything(runs: number): Promise<void> {
  const { discovery, revocation, clock } = tokenWorld;
  const documents = new StaticDocuments([{ issuer: ISSUER, discovery, revocation }]);
  const offline = new OfflineVerifier({ audience: AUDIENCE, documents, clock });
  const verifier = tokenWorld.verifier({ resultCacheSize: 100 });
  const codes = new Set<string>();
  await fc.assert(
    fc.asyncProperty(anyToken, async (token) => {
      const result = offline.verify(token);
      const online = await verifier.verify(token);
      expect(online.valid).toBe(result.valid);
      if (result.valid) {
        expect(result).toMatchObject({ issuer: ISSUER, kid: "k1" });
        // Every mutation of the text breaks the signature; what the issuer signed itself may pass.
        const [, , signature] = soundToken.split(".");
        if (typeof token === "string" && token.endsWith(`.${signature}`)) expect(token).toBe(soundToken);
        return;
      }
      expect(PROTOCOL_CODES).toContain(result.protocolCode);
      expect(result.reason).not.toBe("internal_error");
      // Which of two reasons not to know an issuer is named is up to the verifier.
      const { step, protocolCode } = result;
      expect(online).toMatchObject(step === 3 ? { step } : { step, protocolCode });
      codes.add(result.protocolCode);
    }),
    { numRuns: runs },
  );
  // Otherwise the tokens would have been too far from sound to test anything.
  expect(codes.size).toBeGreaterThan(4);
}
