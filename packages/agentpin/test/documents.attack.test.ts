import { parseDiscoveryDocument, TrustBundle } from "@symbiont/agentpin";
import { generateKeyPair } from "@symbiont/keys";
import { expect, test } from "vitest";
import { judge } from "./attack.ts";
import { ISSUER, jwkOf, rawToken, World } from "./world.ts";

test("2 a key without an id is not found by a token without one", async () => {
  const outcome = await judge((world) => {
    world.discovery.public_keys = [{ ...jwkOf(world.key, "k1"), kid: undefined }];
    return rawToken(
      world.key,
      '{"alg":"ES256","typ":"agentpin-credential+jwt"}',
      JSON.stringify(world.claims()),
    );
  });
  expect(outcome).toBe("1 ALGORITHM_REJECTED header_missing:kid");
});

test("14 ids that are there twice refuse documents and bundles", async () => {
  const { discovery, key } = new World();
  const twice = {
    ...discovery,
    public_keys: [jwkOf(generateKeyPair("ES256").privateKey, "k1"), jwkOf(key, "k1")],
  };
  expect(() => parseDiscoveryDocument(twice, ISSUER)).toThrow(
    expect.objectContaining({ reason: "duplicate_kid" }),
  );
  const agents = { ...discovery, agents: [...discovery.agents, ...discovery.agents] };
  expect(() => parseDiscoveryDocument(agents, ISSUER)).toThrow(
    expect.objectContaining({ reason: "duplicate_agent" }),
  );
  const bundle = {
    agentpin_bundle_version: "0.1",
    created_at: "2026-01-01T00:00:00Z",
    documents: [discovery, discovery],
  };
  expect(() => TrustBundle.from(bundle)).toThrow(expect.objectContaining({ reason: "duplicate_entity" }));
});

test.each<[string, object, string]>([
  ["for encryption", { use: "enc" }, "4 KEY_NOT_FOUND key_use"],
  ["for no stated use", { use: undefined }, "4 KEY_NOT_FOUND key_use"],
  ["for signing only", { key_ops: ["sign"] }, "4 KEY_NOT_FOUND key_use"],
  ["that has expired", { exp: "2020-01-01T00:00:00Z" }, "4 KEY_EXPIRED key_expired"],
  ["that expired on a day", { exp: "2020-01-01" }, "4 KEY_EXPIRED key_expired"],
  ["that expires never to be understood", { exp: "soon" }, "3 DISCOVERY_INVALID key_exp_unparseable"],
  ["that expires by number", { exp: 1 }, "3 DISCOVERY_INVALID key_exp_type"],
  ["that is private", { d: "x" }, "3 DISCOVERY_INVALID private_key_published"],
])("15 a key %s does not verify", async (_, change, expected) => {
  const outcome = await judge((world) => {
    world.discovery.public_keys = [jwkOf(world.key, "k1", change)];
    return world.token();
  });
  expect(outcome).toBe(expected);
});

test.each<[string, (world: World) => void, string]>([
  ["missing", (world) => (world.failure = { revocation: new Error("404") }), "revocation_unavailable"],
  ["somebody else's", (world) => (world.revocation.entity = "bank.example"), "revocation_entity"],
  ["empty", (world) => (world.revocation = {}), "revocation_invalid"],
  ["a list", (world) => (world.revocation = []), "revocation_invalid"],
  [
    "with a nameless entry",
    (world) => (world.revocation.revoked_keys = [{ key: "k1" }]),
    "revocation_invalid",
  ],
  ["too old", () => undefined, "revocation_stale"],
])("16 a revocation document that is %s refuses", async (name, change, reason) => {
  const options = name === "too old" ? { maxRevocationAgeSeconds: 3_599 } : {};
  const outcome = await judge((world) => {
    change(world);
    return world.token();
  }, options);
  expect(outcome).toBe(`6 DISCOVERY_FETCH_FAILED ${reason}`);
});
