import { signAttestation } from "@symbiont/agentpin";
import { generateKeyPair, sign } from "@symbiont/keys";
import { describe, expect, test } from "vitest";
import { judge } from "./attack.ts";
import { AGENT, ISSUER, jwkOf, refused, World } from "./world.ts";

describe("19 a chain that is not what it says refuses", () => {
  const MAKER = "maker.example";
  const RUNTIME = `urn:agentpin:${MAKER}:runtime`;
  const delegated = (
    change: (link: any, world: World, maker: any) => void = () => undefined,
    options: object = {},
  ) =>
    judge((world) => {
      const key = generateKeyPair("ES256").privateKey;
      const maker = structuredClone(world.discovery);
      Object.assign(maker, { entity: MAKER, entity_type: "maker", public_keys: [jwkOf(key, "m1")] });
      Object.assign(maker.agents[0], { agent_id: RUNTIME, agent_type: undefined });
      const attestation = signAttestation(key, {
        domain: MAKER,
        role: "maker",
        agentId: RUNTIME,
        delegateeDomain: ISSUER,
        delegateeAgentId: AGENT,
        capabilities: ["read:codebase"],
      });
      const link: any = { domain: MAKER, role: "maker", agent_id: RUNTIME, kid: "m1", attestation };
      world.others.set(MAKER, { discovery: maker });
      const claims: any = { delegation_chain: [link] };
      change(link, world, maker);
      if (link.claims !== undefined) Object.assign(claims, link.claims);
      return world.token(claims);
    }, options);

  test("while a sound one is verified", async () => expect(await delegated()).toBe("valid"));

  test.each<[string, (link: any, world: World, maker: any) => void, string]>([
    [
      "forged",
      (link) =>
        (link.attestation = Buffer.from(sign(generateKeyPair("ES256").privateKey, "x")).toString("base64")),
      "attestation_signature",
    ],
    ["garbage", (link) => (link.attestation = "AAAA"), "attestation_signature"],
    [
      "for other capabilities",
      (link) => (link.claims = { capabilities: ["write:report"] }),
      "attestation_signature",
    ],
    ["of an unknown domain", (link) => (link.domain = "nowhere.example"), "delegator_unresolved"],
    ["of no domain", (link) => (link.domain = "127.0.0.1"), "attestation_domain"],
    ["of an unknown role", (link) => (link.role = "owner"), "attestation_role"],
    [
      "of a role that the domain does not have",
      (_, __, maker) => (maker.entity_type = "deployer"),
      "attestation_role",
    ],
    ["of an unknown key", (link) => (link.kid = "m2"), "attestation_kid_unknown"],
    [
      "of an expired key",
      (_, __, maker) => (maker.public_keys[0].exp = "2020-01-01T00:00:00Z"),
      "attestation_key_expired",
    ],
    [
      "of a revoked key",
      (_, world, maker) =>
        world.others.set(MAKER, {
          discovery: maker,
          revocation: { ...world.revocation, entity: MAKER, revoked_keys: [{ kid: "m1" }] },
        }),
      "attestation_key_revoked",
    ],
    [
      "of a revoked agent",
      (_, world, maker) =>
        world.others.set(MAKER, {
          discovery: maker,
          revocation: { ...world.revocation, entity: MAKER, revoked_agents: [{ agent_id: RUNTIME }] },
        }),
      "attestation_agent_revoked",
    ],
    [
      "of a suspended agent",
      (_, __, maker) => (maker.agents[0].status = "suspended"),
      "attestation_agent_status",
    ],
    [
      "of an agent that may do less",
      (_, __, maker) => (maker.agents[0].capabilities = ["read:codebase"]),
      "attestation_capability",
    ],
    ["with a separator in a name", (link) => (link.agent_id = `${RUNTIME}|x`), "attestation_signature"],
    ["without a shape", (link) => delete link.attestation, "attestation_shape"],
  ])("%s", async (_, change, reason) => {
    expect(await delegated(change)).toBe(`10 DELEGATION_INVALID ${reason}`);
  });

  test("too deep, before anything is fetched", async () => {
    const world = new World();
    const token = world.token({ delegation_chain: [{}, {}] });
    expect(await world.verifier().verify(token)).toEqual(refused("DELEGATION_DEPTH_EXCEEDED", "depth"));
    expect(world.asked).toHaveLength(2);
    const none = await delegated((_, { discovery }) => (discovery.max_delegation_depth = 0));
    expect(none).toBe("10 DELEGATION_DEPTH_EXCEEDED depth");
    const maker = await delegated((_, __, document) => (document.max_delegation_depth = 0));
    expect(maker).toBe("10 DELEGATION_DEPTH_EXCEEDED depth");
  });

  test("or is missing where it is required", async () => {
    expect(await judge((world) => world.token(), { delegation: "require" })).toBe(
      "10 DELEGATION_INVALID delegation_required",
    );
    expect(await judge((world) => world.token({ delegation_chain: [] }), { delegation: "require" })).toBe(
      "10 DELEGATION_INVALID delegation_required",
    );
    expect(await delegated(undefined, { delegation: "require" })).toBe("valid");
  });
});
