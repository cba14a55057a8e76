import {
  AgentPinError,
  AgentPinVerifier,
  MemoryPinStore,
  OfflineVerifier,
  refusalError,
  StaticDocuments,
} from "@symbiont/agentpin";
import { generateKeyPair } from "@symbiont/keys";
import { MemoryReplayStore } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { AGENT, AUDIENCE, ISSUER, jwkOf, refused, said, World } from "./world.ts";

describe("a valid credential", () => {
  test("says who acts, for whom, and within which limits, and cannot be changed", async () => {
    const world = new World();
    world.discovery.agents[0].constraints = { rate_limit: "100/hour", data_classification_max: "internal" };
    const token = world.token({ constraints: { rate_limit: "10/hour" }, extra: { a: 1 } });
    const result = await world.verifier().verify(token);
    expect(result).toMatchObject({
      valid: true,
      issuer: ISSUER,
      agentId: AGENT,
      audience: AUDIENCE,
      capabilities: ["read:codebase"],
      constraints: { rate_limit: "10/hour", data_classification_max: "internal" },
      kid: "k1",
      pin: "not_checked",
      warnings: [],
      claims: { extra: { a: 1 } },
    });
    expect(Object.isFrozen(result)).toBe(true);
    expect(result.valid && Object.isFrozen(result.claims.capabilities)).toBe(true);
  });

  test("for everybody passes with a warning, unless that is refused", async () => {
    const world = new World();
    const token = world.token({ aud: "*" });
    expect(await world.verifier().verify(token)).toMatchObject({
      valid: true,
      warnings: ["audience_wildcard"],
    });
    expect(await world.verifier({ allowWildcardAudience: false }).verify(token)).toEqual(
      refused("AUDIENCE_MISMATCH", "audience_wildcard"),
    );
  });

  test("of both engines is the same", async () => {
    const world = new World();
    const token = world.token();
    for (const engine of ["runtime", "noble"] as const) {
      expect(said(await world.verifier({ engine }).verify(token))).toBe("valid");
    }
  });
});

describe("trust", () => {
  test("is for named issuers, and nobody else is even looked up", async () => {
    const world = new World();
    const verifier = world.verifier({ trust: { issuers: ["bank.example"] } });
    expect(await verifier.verify(world.token())).toEqual(refused("DOMAIN_MISMATCH", "issuer_not_trusted"));
    expect(world.asked).toEqual([]);
  });

  test("may be a function, which refuses when it fails or answers anything but true", async () => {
    const world = new World();
    const token = world.token();
    expect(said(await world.verifier({ trust: async (issuer) => issuer === ISSUER }).verify(token))).toBe(
      "valid",
    );
    expect(await world.verifier({ trust: () => "yes" as never }).verify(token)).toEqual(
      refused("DOMAIN_MISMATCH"),
    );
    const failing = world.verifier({ trust: () => Promise.reject(new Error("down")) });
    expect(await failing.verify(token)).toEqual(refused("DISCOVERY_FETCH_FAILED", "internal_error"));
  });

  test("on first use pins the key, and refuses another", async () => {
    const world = new World();
    const store = new MemoryPinStore();
    const verifier = world.verifier({ trust: { tofu: true }, pins: { store } });
    expect(await verifier.verify(world.token())).toMatchObject({ pin: "first_use" });
    expect(await verifier.verify(world.token())).toMatchObject({ pin: "pinned" });
    const other = generateKeyPair("ES256").privateKey;
    world.discovery.public_keys.push(jwkOf(other, "k2"));
    const stranger = world.token({}, { key: other, kid: "k2" });
    expect(await world.verifier({ trust: { tofu: true }, pins: { store } }).verify(stranger)).toEqual(
      refused("KEY_PIN_MISMATCH", "key_pin"),
    );
  });
});

describe("replay", () => {
  test("of one credential is refused, of two credentials not", async () => {
    const world = new World();
    const replay = new MemoryReplayStore({ now: world.clock.now });
    const verifier = world.verifier({ replay });
    const token = world.token();
    expect(said(await verifier.verify(token))).toBe("valid");
    expect(await verifier.verify(token)).toEqual(refused("CREDENTIAL_REVOKED", "replayed"));
    expect(said(await verifier.verify(world.token()))).toBe("valid");
  });

  test("of many at once lets exactly one through", async () => {
    const world = new World();
    const verifier = world.verifier({
      replay: new MemoryReplayStore({ now: world.clock.now }),
      resultCacheSize: 10,
    });
    const token = world.token();
    const results = await Promise.all(Array.from({ length: 20 }, async () => verifier.verify(token)));
    expect(results.filter(({ valid }) => valid)).toHaveLength(1);
  });

  test("cannot be judged by a store that fails or is full", async () => {
    const world = new World();
    const replay = new MemoryReplayStore({ capacity: 1, now: world.clock.now });
    const verifier = world.verifier({ replay });
    expect(said(await verifier.verify(world.token()))).toBe("valid");
    expect(await verifier.verify(world.token())).toMatchObject({
      reason: "replay_store_failed",
      retryable: true,
    });
  });

  test("is remembered for as long as the credential could pass", async () => {
    const world = new World();
    const ttls: number[] = [];
    const replay = { putIfAbsent: (_: string, ttlMs: number) => ttls.push(ttlMs) > 0 };
    await world.verifier({ replay }).verify(world.token());
    expect(ttls).toEqual([660_000]);
  });
});

describe("options", () => {
  const world = new World();
  const documents = world.cache();
  const sound = { audience: AUDIENCE, trust: { issuers: [ISSUER] }, documents };
  test.each<[string, object]>([
    ["no audience", { audience: undefined }],
    ["an empty audience", { audience: [] }],
    ["the wildcard as audience", { audience: "*" }],
    ["no trust", { trust: undefined }],
    ["trust in nobody", { trust: { issuers: [] } }],
    ["trust in a URL", { trust: { issuers: ["https://deployer.example"] } }],
    ["trust on first use without pins", { trust: { tofu: true } }],
    ["any subject from any domain", { subjectFormat: "any", trust: () => true }],
    ["an unknown name", { clock_skew_secs: 60 }],
    ["NaN seconds", { clockSkewSeconds: Number.NaN }],
    ["negative seconds", { clockSkewSeconds: -1 }],
    ["a lifetime beyond a day", { maxLifetimeSeconds: 86_401 }],
    ["a misspelt choice", { revocation: "off" }],
    ["no signature format", { signatureFormats: [] }],
    ["no documents", { documents: undefined }],
    ["pins without a store", { pins: {} }],
    ["a replay memory that is none", { replay: {} }],
  ])("with %s make no verifier", (_, wrong) => {
    expect(() => new AgentPinVerifier({ ...sound, ...wrong })).toThrow();
  });

  test.each<[string, object]>([
    ["optional revocation", { revocation: "optional" }],
    ["ignored delegation", { delegation: "ignore" }],
    ["no audience check", { audience: false }],
  ])("in production refuse %s", (_, relaxed) => {
    const make = (SYMBIONT_ENV: string) => () =>
      new AgentPinVerifier({ ...sound, ...relaxed, env: { SYMBIONT_ENV } });
    expect(make("production")).toThrow(RangeError);
    expect(make("staging")).not.toThrow();
  });

  test("of the offline verifier are as strict", () => {
    const held = new StaticDocuments();
    expect(() => new OfflineVerifier({ audience: AUDIENCE, documents: held, clockSkew: 1 } as never)).toThrow(
      TypeError,
    );
    expect(() => new OfflineVerifier({ audience: AUDIENCE } as never)).toThrow(TypeError);
  });
});

test("optional revocation passes with a warning", async () => {
  const world = new World();
  world.failure.revocation = new Error("down");
  const token = world.token();
  expect(await world.verifier().verify(token)).toMatchObject({ reason: "revocation_unavailable", step: 6 });
  expect(await world.verifier({ revocation: "optional" }).verify(token)).toMatchObject({
    valid: true,
    warnings: ["revocation_not_checked"],
  });
});

test("a refusal can be thrown as an error with the same facts", async () => {
  const result = await new World().verifier().verify("x");
  if (result.valid) throw new Error("valid");
  const error = refusalError(result);
  expect(AgentPinError.is(error)).toBe(true);
  expect(error).toMatchObject({ code: "AGENTPIN_ALGORITHM_REJECTED", reason: "malformed", step: 1 });
});

describe("the offline verifier", () => {
  test("believes the documents that it holds, and nobody else's", () => {
    const world = new World();
    const { discovery, revocation, clock } = world;
    const documents = new StaticDocuments([{ issuer: ISSUER, discovery, revocation }]);
    const verifier = new OfflineVerifier({ audience: AUDIENCE, documents, clock });
    expect(said(verifier.verify(world.token()))).toBe("valid");
    expect(verifier.verify(world.token({ iss: "bank.example" }))).toEqual(
      refused("DISCOVERY_FETCH_FAILED", "issuer_unknown"),
    );
    documents.set({
      issuer: ISSUER,
      discovery,
      revocation: { ...revocation, revoked_keys: [{ kid: "k1" }] },
    });
    expect(verifier.verify(world.token())).toEqual(refused("KEY_REVOKED"));
    // A key that was revoked once stays so, although the list shrinks and the key has another id.
    const renamed = { ...discovery, public_keys: [jwkOf(world.key, "k9")] };
    documents.set({ issuer: ISSUER, discovery: renamed, revocation });
    expect(verifier.verify(world.token({}, { kid: "k9" }))).toEqual(refused("KEY_REVOKED"));
  });

  test("does not verify without a revocation list", () => {
    const { discovery, clock, ...world } = new World();
    const documents = new StaticDocuments([{ issuer: ISSUER, discovery }]);
    const verifier = new OfflineVerifier({ audience: AUDIENCE, documents, clock });
    expect(world.key).toBeDefined();
    const token = new World(world.key).token();
    expect(verifier.verify(token)).toEqual(refused("DISCOVERY_FETCH_FAILED", "revocation_unavailable"));
  });
});
