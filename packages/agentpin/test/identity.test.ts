import { credentialPrincipal } from "@symbiont/agentpin";
import { expect, test } from "vitest";
import { ISSUER, World } from "./world.ts";

test("a bare name is put into its issuer's domain", async () => {
  const world = new World();
  world.discovery.agents[0].agent_id = "7f1c";
  const result = await world.verifier({ subjectFormat: "any" }).verify(world.token({ sub: "7f1c" }));
  if (!result.valid) throw new Error(result.reason);
  expect(credentialPrincipal(result)).toMatchObject({ kind: "agent", id: `urn:agentpin:${ISSUER}:7f1c` });
});
