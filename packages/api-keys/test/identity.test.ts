import { ApiKeys, apiKeyIdentity, MemoryStore } from "@symbiont/api-keys";
import { expect, test } from "vitest";

const keys = new ApiKeys({
  store: new MemoryStore(),
  hashing: "hmac-sha256",
  peppers: [{ id: "p", key: new Uint8Array(32) }],
});
const identity = apiKeyIdentity(keys, "https://agents.example");

async function principal(details: Parameters<ApiKeys["create"]>[0]) {
  const { token, key } = await keys.create(details);
  return { keyId: key.keyId, principal: await identity.verify(token.reveal(), "https://agents.example") };
}

test("a key for one agent is that agent", async () => {
  const { keyId, principal: who } = await principal({
    agents: ["agent-a"],
    scopes: ["admin"],
    owner: "team",
  });
  expect(who).toEqual({
    kind: "agent",
    id: "agent-a",
    roles: [],
    attributes: { keyId, agentScope: ["agent-a"], scopes: ["admin"], owner: "team" },
  });
});

test("any other key is a service, and only an unscoped one has the role admin", async () => {
  const several = await principal({ agents: ["a", "b"], owner: "team" });
  expect(several.principal).toMatchObject({ kind: "service", id: "team", roles: [] });
  const admin = await principal({ admin: true });
  expect(admin.principal).toMatchObject({ kind: "service", id: admin.keyId, roles: ["admin"] });
});

test("a key is not valid for another audience", async () => {
  const text = (await keys.create({ agents: ["a"] })).token.reveal();
  await expect(identity.verify(text, "https://other.example")).rejects.toMatchObject({
    code: "API_KEY_REFUSED",
  });
  await expect(identity.verify("nonsense", "https://agents.example")).rejects.toMatchObject({
    code: "API_KEY_REFUSED",
  });
});

test("a key that was accepted and then revoked is not accepted again", async () => {
  const { token, key } = await keys.create({ agents: ["a"] });
  const text = token.reveal();
  const who = await identity.verify(text, "https://agents.example");
  expect(await identity.recheck?.(text, "https://agents.example")).toEqual(who);
  await keys.revoke(key.keyId, "stolen");
  await expect(identity.recheck?.(text, "https://agents.example")).rejects.toMatchObject({
    code: "API_KEY_REFUSED",
  });
});
