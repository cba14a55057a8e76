import { agentPinIdentity, credentialPrincipal } from "@symbiont/agentpin";
import { MemoryReplayStore } from "@symbiont/kit";
import { expect, test } from "vitest";
import { AUDIENCE, ISSUER, World } from "./world.ts";

test("a bare name is put into its issuer's domain", async () => {
  const world = new World();
  world.discovery.agents[0].agent_id = "7f1c";
  const result = await world.verifier({ subjectFormat: "any" }).verify(world.token({ sub: "7f1c" }));
  if (!result.valid) throw new Error(result.reason);
  expect(credentialPrincipal(result)).toMatchObject({ kind: "agent", id: `urn:agentpin:${ISSUER}:7f1c` });
});

test("what was accepted is judged again without being used up, until it is revoked", async () => {
  const world = new World();
  const verifier = world.verifier({ replay: new MemoryReplayStore() });
  const identity = agentPinIdentity(verifier);
  const token = world.token();
  const who = await identity.verify(token, AUDIENCE);
  expect(await identity.recheck?.(token, AUDIENCE)).toEqual(who);
  expect(await identity.recheck?.(token, AUDIENCE)).toEqual(who);
  await expect(identity.recheck?.(token, "other.example")).rejects.toMatchObject({
    code: "AGENTPIN_AUDIENCE_MISMATCH",
  });
  expect(await verifier.recheck("nonsense")).toMatchObject({ valid: false, step: 1 });
  await expect(identity.verify(token, AUDIENCE)).rejects.toThrow();
});

test("the port of a verifier that cannot judge again does not claim to", () => {
  const { verify } = new World().verifier({});
  expect(agentPinIdentity({ verify }).recheck).toBeUndefined();
});
