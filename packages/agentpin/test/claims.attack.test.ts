import { expect, test } from "vitest";
import { judge } from "./attack.ts";
import { AUDIENCE, START } from "./world.ts";

test.each<[string, unknown, string]>([
  ["missing", undefined, "claim_missing:exp"],
  ["text", "1800000600", "claim_type:exp"],
  ["null", null, "claim_type:exp"],
  ["a fraction", START + 0.5, "claim_type:exp"],
  ["beyond every integer", 1e300, "claim_type:exp"],
  ["negative", -1, "claim_type:exp"],
])("10 an end that is %s refuses", async (_, exp, reason) => {
  expect(await judge((world) => world.token({ exp }))).toBe(`1 ALGORITHM_REJECTED ${reason}`);
});

test("11 an end before the beginning refuses", async () => {
  expect(await judge((world) => world.token({ iat: START + 50, exp: START + 40 }))).toBe(
    "2 CREDENTIAL_EXPIRED lifetime",
  );
});

test("12 an agent's own longest lifetime counts", async () => {
  expect(await judge((world) => world.token({ exp: START - 10 + 3_600 }))).toBe("valid");
  expect(await judge((world) => world.token({ exp: START - 10 + 3_601 }))).toBe(
    "7 CREDENTIAL_EXPIRED lifetime_agent_max",
  );
});

test("13 an issuer has one spelling, and names only agents of its own", async () => {
  expect(await judge((world) => world.token({ iss: "Deployer.example" }), { trust: () => true })).toBe(
    "3 DISCOVERY_INVALID issuer_syntax",
  );
  const entity = await judge((world) => {
    world.discovery.entity = "Deployer.example";
    return world.token();
  });
  expect(entity).toBe("3 DOMAIN_MISMATCH entity");
  const foreign = await judge((world) => {
    const sub = "urn:agentpin:bank.example:teller";
    world.discovery.agents[0].agent_id = sub;
    return world.token({ sub });
  });
  expect(foreign).toBe("7 AGENT_NOT_FOUND sub_domain");
});

test.each<[string, unknown, string]>([
  ["missing", undefined, "12 AUDIENCE_MISMATCH audience_missing"],
  ["another", "other.example", "12 AUDIENCE_MISMATCH audience_mismatch"],
  ["a list", [AUDIENCE], "1 ALGORITHM_REJECTED claim_type:aud"],
  ["empty", "", "1 ALGORITHM_REJECTED claim_type:aud"],
  ["spelt otherwise", AUDIENCE.toUpperCase(), "12 AUDIENCE_MISMATCH audience_mismatch"],
])("21 an audience that is %s refuses", async (_, aud, expected) => {
  expect(await judge((world) => world.token({ aud }))).toBe(expected);
});
