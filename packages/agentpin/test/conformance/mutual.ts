import { respondToChallenge, verifyChallengeResponse } from "@symbiont/agentpin";
import { importPrivateKeyPem, importPublicKeyPem } from "@symbiont/keys";
import { MemoryReplayStore } from "@symbiont/kit";
import { expect } from "vitest";
import type { VectorFile } from "../../../../scripts/conformance/suite.ts";
import { namedKeys } from "./vector-world.ts";

const KID = "deployer-2026-01";

export const mutual: VectorFile = (data, check) => {
  const key = importPrivateKeyPem(namedKeys.get(KID).private_key_pem);
  for (const { id, now = 1_772_366_400, challenge, response, public_key, expect: expected } of data.cases) {
    if (public_key === undefined) {
      check(`${id}: is not answered`, () => {
        expect(expected).toMatch(/must refuse/);
        expect(() => respondToChallenge(challenge, { key, kid: KID, now })).toThrow(
          expect.objectContaining({ code: "AGENTPIN_CHALLENGE_INVALID", reason: "nonce" }),
        );
      });
    }
    check(id, async () => {
      const credential = {
        kid: public_key ?? KID,
        publicKey: importPublicKeyPem(namedKeys.get(public_key ?? KID).public_key_pem),
      };
      const verified = verifyChallengeResponse(response, {
        challenge,
        credential,
        replay: new MemoryReplayStore({ now: () => now * 1000 }),
        now,
      });
      if (expected === true) await expect(verified).resolves.toBeUndefined();
      else
        await expect(verified).rejects.toThrow(
          expect.objectContaining({ code: "AGENTPIN_RESPONSE_INVALID" }),
        );
      if (expected === "expired")
        await expect(verified).rejects.toThrow(expect.objectContaining({ reason: "expired" }));
    });
  }
};
