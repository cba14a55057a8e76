import { expect, test } from "vitest";
import { AGENT, ISSUER, refused, said, World } from "./world.ts";

test("25 what is remembered dies with its revocation, its audience and its time", async () => {
  const world = new World();
  const cache = world.cache();
  const verifier = world.verifier({ resultCacheSize: 10 }, cache);
  const token = world.token();
  expect(said(await verifier.verify(token))).toBe("valid");
  expect(await verifier.verify(token, { audience: "other.example" })).toEqual(refused("AUDIENCE_MISMATCH"));
  world.now -= 1_000;
  expect(await verifier.verify(token)).toEqual(refused("CREDENTIAL_EXPIRED"));
  world.now += 1_000;
  world.revocation.revoked_agents = [{ agent_id: AGENT }];
  cache.invalidate(ISSUER);
  expect(await verifier.verify(token)).toEqual(refused("AGENT_INACTIVE", "agent_revoked"));
});
