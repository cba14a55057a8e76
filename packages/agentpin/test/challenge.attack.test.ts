import {
  type Challenge,
  createChallenge,
  respondToChallenge,
  verifyChallengeResponse,
} from "@symbiont/agentpin";
import { generateKeyPair } from "@symbiont/keys";
import { MemoryReplayStore } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { AGENT, START, World } from "./world.ts";

describe("22 a challenge", () => {
  const world = new World();
  const { key } = world;
  const kid = "k1";
  const challenge = createChallenge(START);
  const caseOf = (more: object = {}) => ({
    challenge,
    credential: { kid, publicKey: key.publicKey },
    replay: new MemoryReplayStore({ now: world.clock.now }),
    now: START + 5,
    ...more,
  });
  const invalid = (code: string, reason: string) => expect.objectContaining({ code, reason }) as Error;

  test.each<[string, string]>([
    ["a token", world.token().split(".").slice(0, 2).join(".")],
    ["an attestation", `maker.example|maker|${AGENT}|a.example|b|${"0".repeat(64)}`],
    ["a card", '{"name":"x"}'],
    ["nothing", ""],
    ["too little", "short"],
    ["too much", "x".repeat(87)],
  ])("that is %s is not signed", (_, nonce) => {
    expect(() => respondToChallenge({ ...challenge, nonce }, { key, kid, now: START })).toThrow(
      invalid("AGENTPIN_CHALLENGE_INVALID", "nonce"),
    );
  });

  test.each(["not a date", "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])(
    "of %s is not signed",
    (timestamp) => {
      expect(() => respondToChallenge({ ...challenge, timestamp }, { key, kid, now: START })).toThrow(
        invalid("AGENTPIN_CHALLENGE_INVALID", "timestamp"),
      );
    },
  );

  test("is not burnt by a forged answer, and answered once", async () => {
    const replay = new MemoryReplayStore({ now: world.clock.now });
    const response = respondToChallenge(challenge, { key, kid, now: START });
    const forged = respondToChallenge(challenge, {
      key: generateKeyPair("ES256").privateKey,
      kid,
      now: START,
    });
    await expect(verifyChallengeResponse(forged, caseOf({ replay }))).rejects.toThrow(
      invalid("AGENTPIN_RESPONSE_INVALID", "signature"),
    );
    await verifyChallengeResponse(response, caseOf({ replay }));
    await expect(verifyChallengeResponse(response, caseOf({ replay }))).rejects.toThrow(
      invalid("AGENTPIN_RESPONSE_INVALID", "replayed"),
    );
  });

  test.each<[string, Partial<Challenge>, object, string]>([
    ["from the future", { timestamp: new Date((START + 60) * 1000).toISOString() }, {}, "expired"],
    ["without a time", { timestamp: "x" }, {}, "expired"],
    ["that is old", {}, { now: START + 61 }, "expired"],
    ["of another", { nonce: "A".repeat(43) }, {}, "nonce"],
  ])("%s is not answered by this", async (_, change, more, reason) => {
    const response = respondToChallenge(challenge, { key, kid, now: START });
    await expect(
      verifyChallengeResponse(response, caseOf({ challenge: { ...challenge, ...change }, ...more })),
    ).rejects.toThrow(invalid("AGENTPIN_RESPONSE_INVALID", reason));
  });

  test("cannot be answered when nobody can remember the answer", async () => {
    const response = respondToChallenge(challenge, { key, kid, now: START });
    const replay = { putIfAbsent: () => Promise.reject(new Error("down")) };
    await expect(verifyChallengeResponse(response, caseOf({ replay }))).rejects.toThrow(
      invalid("AGENTPIN_RESPONSE_INVALID", "replay_store_failed"),
    );
  });
});
