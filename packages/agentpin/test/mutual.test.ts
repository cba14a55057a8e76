import {
  AgentPinError,
  createChallenge,
  type JwsResponder,
  type JwsResponseCase,
  respondWithJws,
  verifyJwsResponse,
} from "@symbiont/agentpin";
import { generateKeyPair } from "@symbiont/keys";
import { MemoryReplayStore } from "@symbiont/kit";
import { expect, test } from "vitest";
import { AUDIENCE, World } from "./world.ts";

/** An exchange in which the world's agent answers, and what its answer is judged by. */
async function exchange() {
  const world = new World();
  const credential = world.token();
  const verified = await world.verifier().verify(credential);
  if (!verified.valid) throw new Error(verified.reason);
  const challenge = createChallenge(world.now);
  const shared = {
    role: "responder",
    credential,
    challengerCredential: "a.b.c",
    challenger: AUDIENCE,
  } as const;
  const responder: JwsResponder = { ...shared, key: world.key, claims: verified, now: world.now };
  const replay = new MemoryReplayStore({ now: world.clock.now });
  const about: JwsResponseCase = { ...shared, challenge, verified, replay, now: world.now + 1 };
  return { world, challenge, responder, about };
}

const refusedFor = (reason: string) =>
  expect.objectContaining({ code: "AGENTPIN_RESPONSE_INVALID", reason }) as Error;

test("an answer proves who answers whom, once", async () => {
  const { challenge, responder, about } = await exchange();
  const response = respondWithJws(challenge, responder);
  await verifyJwsResponse(response, about);
  await expect(verifyJwsResponse(response, about)).rejects.toThrow(refusedFor("replayed"));
});

test("an answer is no credential", async () => {
  const { world, challenge, responder } = await exchange();
  expect(await world.verifier().verify(respondWithJws(challenge, responder))).toMatchObject({
    reason: "typ",
  });
});

test.each<[string, Partial<JwsResponder>, Partial<JwsResponseCase>, string]>([
  ["relayed to another verifier", {}, { challenger: "other.example" }, "aud"],
  ["reflected to the side that asked", {}, { role: "initiator" }, "role"],
  ["over another credential", {}, { credential: "x.y.z" }, "credential_hash"],
  [
    "to another credential of the challenger",
    {},
    { challengerCredential: "x.y.z" },
    "challenger_credential_hash",
  ],
  [
    "to a challenger without a credential",
    { challengerCredential: "x.y.z" },
    {},
    "challenger_credential_hash",
  ],
  ["over another channel", { channelBinding: "one" }, { channelBinding: "two" }, "channel"],
  ["over a channel that is not looked at", { channelBinding: "one" }, {}, "channel"],
  ["over no channel", {}, { channelBinding: "two" }, "channel"],
  ["with another key", { key: generateKeyPair("ES256").privateKey }, {}, "signature"],
])("an answer %s proves nothing", async (_, answered, judged, reason) => {
  const { challenge, responder, about } = await exchange();
  const response = respondWithJws(challenge, { ...responder, ...answered });
  await expect(verifyJwsResponse(response, { ...about, ...judged })).rejects.toThrow(refusedFor(reason));
});

test("an answer that is late, or made in another time, proves nothing", async () => {
  const { challenge, responder, about } = await exchange();
  const response = respondWithJws(challenge, responder);
  for (const now of [about.now + 60, about.now - 2])
    await expect(verifyJwsResponse(response, { ...about, now })).rejects.toThrow(refusedFor("expired"));
});

test.each(["", "a.b", "a.b.c", "..", 5, null])("an answer that is %j proves nothing", async (response) => {
  const { about } = await exchange();
  await expect(verifyJwsResponse(response, about)).rejects.toThrow(refusedFor("malformed"));
});

test("a challenge that is none is not answered", async () => {
  const { challenge, responder } = await exchange();
  for (const wrong of [null, {}, { ...challenge, type: "x" }, { ...challenge, nonce: "a.b" }])
    expect(() => respondWithJws(wrong, responder)).toThrow(AgentPinError);
});
