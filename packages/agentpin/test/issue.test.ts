import {
  advanceRotation,
  beginRotation,
  buildDiscoveryDocument,
  buildRevocationDocument,
  buildTrustBundle,
  CredentialIssuer,
  type CredentialRequest,
  createDocumentHandler,
  mayRevokeOldKey,
  nextPhaseAt,
  OfflineVerifier,
  type PublishingPhase,
  parseDiscoveryDocument,
  TrustBundle,
} from "@symbiont/agentpin";
import { generateKeyPair, sign } from "@symbiont/keys";
import { describe, expect, test } from "vitest";
import { AGENT, AUDIENCE, ISSUER, jwkOf, said, World } from "./world.ts";

const request: CredentialRequest = { agentId: AGENT, audience: AUDIENCE, capabilities: ["read:codebase"] };
const refusedFor = (reason: string) =>
  expect.objectContaining({ code: "AGENTPIN_ISSUE_REFUSED", reason }) as Error;

function issuerIn(world: World, options: object = {}) {
  const discovery = parseDiscoveryDocument(world.discovery, ISSUER);
  return new CredentialIssuer({ key: world.key, kid: "k1", discovery, clock: world.clock, ...options });
}

describe("an issued credential", () => {
  test("verifies, in either format, and is never issued twice", async () => {
    const world = new World();
    for (const format of ["der", "jws"] as const) {
      const issuer = issuerIn(world, { format });
      const [token, other] = [issuer.issue(request), issuer.issue(request)];
      const result = await world.verifier({ signatureFormats: [format] }).verify(token);
      expect(result).toMatchObject({
        valid: true,
        expiresAt: world.now + 3_600,
        capabilities: ["read:codebase"],
      });
      expect(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).jti).not.toBe(
        JSON.parse(Buffer.from(other.split(".")[1] ?? "", "base64url").toString()).jti,
      );
    }
  });

  test("carries limits, a beginning and a holder's key", async () => {
    const world = new World();
    const { thumbprint } = generateKeyPair("ES256").publicKey;
    const token = issuerIn(world).issue({
      ...request,
      constraints: { rate_limit: "5/hour" },
      ttlSeconds: 60,
      notBefore: world.now + 30,
      holderThumbprint: thumbprint,
    });
    const result = await world.verifier().verify(token);
    expect(result).toMatchObject({
      valid: true,
      constraints: { rate_limit: "5/hour" },
      claims: { nbf: world.now + 30, cnf: { jkt: thumbprint } },
      warnings: ["proof_not_checked"],
    });
  });

  test.each<[string, Partial<CredentialRequest>, string]>([
    ["of an unknown agent", { agentId: `${AGENT}2` }, "agent_unknown"],
    ["of no audience", { audience: "" }, "audience_missing"],
    ["of everybody, by mistake", { audience: "*" }, "audience_wildcard"],
    ["of too many capabilities", { capabilities: ["write:all"] }, "capability"],
    ["of malformed capabilities", { capabilities: ["read"] }, "capability_syntax"],
    ["of capabilities that are no ASCII", { capabilities: ["read:é"] }, "capability_syntax"],
    ["of too long a life", { ttlSeconds: 3_601 }, "lifetime_agent_max"],
    ["of half a second", { ttlSeconds: 0.5 }, "lifetime_agent_max"],
    ["of a beginning after its end", { notBefore: 4_000_000_000 }, "lifetime"],
    ["of empty limits", { constraints: { allowed_domains: [] } }, "allowed_domains_empty"],
    ["of a holder without a key", { holderThumbprint: "x" }, "holder_thumbprint"],
    ["of a chain that is too long", { delegation: [{}, {}] as never }, "depth"],
  ])("%s is none", (_, change, reason) => {
    expect(() => issuerIn(new World()).issue({ ...request, ...change })).toThrow(refusedFor(reason));
  });

  test("for everybody must be meant", () => {
    const world = new World();
    expect(issuerIn(world).issue({ ...request, audience: "*", bearer: true })).toMatch(/^ey/);
  });

  test("is not issued for an agent that is suspended, or by a key that expires first", () => {
    const world = new World();
    world.discovery.agents[0].status = "suspended";
    expect(() => issuerIn(world).issue(request)).toThrow(refusedFor("agent_status"));
    const other = new World();
    other.discovery.public_keys = [jwkOf(other.key, "k1", { exp: other.at(600) })];
    expect(() => issuerIn(other).issue(request)).toThrow(refusedFor("key_expired"));
    expect(issuerIn(other).issue({ ...request, ttlSeconds: 600 })).toMatch(/^ey/);
  });

  test("is not issued with a key that is not published under its id", () => {
    const world = new World();
    expect(() => issuerIn(world, { key: generateKeyPair("ES256").privateKey })).toThrow(
      refusedFor("key_unpublished"),
    );
    expect(() => issuerIn(world, { kid: "k2" })).toThrow(refusedFor("key_unpublished"));
  });
});

describe("a key that is elsewhere", () => {
  test("signs in either encoding; what it gives is verified", async () => {
    const world = new World();
    for (const given of ["raw", "der"] as const)
      for (const format of ["jws", "der"] as const) {
        const key = {
          publicKey: world.key.publicKey,
          sign: async (input: Uint8Array) => sign(world.key, input, { format: given }),
        };
        const issuer = new CredentialIssuer({ ...pick(world), key, format });
        expect(said(await world.verifier().verify(await issuer.issueRemotely(request)))).toBe("valid");
      }
    const wrong = { publicKey: world.key.publicKey, sign: async () => new Uint8Array(64) };
    await expect(new CredentialIssuer({ ...pick(world), key: wrong }).issueRemotely(request)).rejects.toThrow(
      refusedFor("signature"),
    );
  });
});

function pick(world: World) {
  return { kid: "k1", discovery: parseDiscoveryDocument(world.discovery, ISSUER), clock: world.clock };
}

describe("documents", () => {
  const world = new World();
  const discovery = buildDiscoveryDocument({
    issuer: ISSUER,
    entityType: "deployer",
    keys: [{ kid: "k1", publicKey: world.key.publicKey, expiresAt: world.now + 86_400 }],
    agents: [{ agentId: AGENT, name: "scout", capabilities: ["read:*"] }],
    updatedAt: world.now,
  });
  const revocation = buildRevocationDocument({ issuer: ISSUER, updatedAt: world.now });

  test("that are built are read by verifiers, also from a bundle", () => {
    const text = JSON.stringify(
      buildTrustBundle({ documents: [discovery], revocations: [revocation], createdAt: world.now }),
    );
    const { clock } = world;
    const bundle = TrustBundle.parse(text, { maxAgeSeconds: 60, clock });
    expect(bundle.issuers()).toEqual([ISSUER]);
    expect(
      said(new OfflineVerifier({ audience: AUDIENCE, documents: bundle, clock }).verify(world.token())),
    ).toBe("valid");
    const late = { now: () => clock.now() + 61_000 };
    expect(() => TrustBundle.parse(text, { maxAgeSeconds: 60, clock: late })).toThrow(
      expect.objectContaining({ reason: "bundle_stale" }),
    );
  });

  test("that no verifier would take are not built", () => {
    const keys = [{ kid: "k1", publicKey: world.key.publicKey }];
    const build = (change: object) => () =>
      buildDiscoveryDocument({ issuer: ISSUER, entityType: "both", keys, agents: [], ...change });
    expect(build({})).not.toThrow();
    for (const wrong of [
      { issuer: "localhost" },
      { keys: [] },
      { keys: [...keys, ...keys] },
      { maxDelegationDepth: 4 },
      { revocationEndpoint: "http://deployer.example/r.json" },
      { agents: [{ agentId: AGENT, name: "x".repeat(200), capabilities: [] }] },
    ])
      expect(build(wrong)).toThrow();
    const revokedAt = world.now;
    expect(() =>
      buildRevocationDocument({ issuer: ISSUER, keys: [{ id: "", reason: "superseded", revokedAt }] }),
    ).toThrow();
  });

  test("are served with headers that fit the moment", async () => {
    let phase: PublishingPhase = "normal";
    const handle = createDocumentHandler({
      issuer: ISSUER,
      discovery,
      revocation: () => revocation,
      phase: () => phase,
    });
    const get = async (path: string, init: RequestInit = {}) =>
      handle(new Request(`https://${ISSUER}${path}`, init));
    const path = "/.well-known/agent-identity.json";
    const response = await get(path);
    expect(await response.json()).toEqual(discovery);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "access-control-allow-origin": "*",
      "cache-control": "public, max-age=3600",
      "content-type": "application/json",
      "last-modified": new Date(world.now * 1000).toUTCString(),
      "x-content-type-options": "nosniff",
    });
    const etag = response.headers.get("etag") ?? "";
    const again = await get(path, { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const head = await get(path, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect((await get(path, { method: "POST" })).status).toBe(405);
    expect((await get("/other")).status).toBe(404);
    const revocations = "/.well-known/agent-identity-revocations.json";
    expect((await get(revocations)).headers.get("cache-control")).toBe("public, max-age=300");
    phase = "rotation";
    expect((await get(path)).headers.get("cache-control")).toBe("public, max-age=300");
    phase = "emergency";
    expect((await get(revocations)).headers.get("cache-control")).toBe("no-store");
  });

  test("with a private key are not served", async () => {
    const [key] = discovery["public_keys"] as object[];
    const leaking = { ...discovery, public_keys: [{ ...key, d: "secret" }] };
    const handle = createDocumentHandler({ issuer: ISSUER, discovery: leaking, revocation });
    await expect(handle(new Request(`https://${ISSUER}/.well-known/agent-identity.json`))).rejects.toThrow(
      expect.objectContaining({ reason: "private_key_published" }),
    );
  });
});

describe("a rotation", () => {
  const times = { credentialLifetimeSeconds: 3_600, cacheSeconds: 300 };

  test("waits for everybody's copies, and for everything the old key signed", () => {
    let state = beginRotation("k1", "k2", 1_000);
    expect(nextPhaseAt(state, times)).toBe(1_360);
    expect(() => advanceRotation(state, times, 1_359)).toThrow(
      expect.objectContaining({ code: "AGENTPIN_ROTATION_REFUSED", reason: "rotation_early" }),
    );
    state = advanceRotation(state, times, 1_360);
    expect(state).toEqual({ oldKid: "k1", newKid: "k2", phase: "signing", since: 1_360 });
    expect(nextPhaseAt(state, times)).toBe(1_360 + 3_600 + 300 + 60);
    expect(() => advanceRotation(state, times, Number.NaN)).toThrow();
    state = advanceRotation(state, times, 6_000);
    expect(state.phase).toBe("retired");
    state = advanceRotation(state, times, 6_000);
    expect(state.phase).toBe("removed");
    expect(() => advanceRotation(state, times, 9_000)).toThrow(
      expect.objectContaining({ reason: "rotation_over" }),
    );
  });

  test("revokes the old key early only when it was stolen", () => {
    const state = beginRotation("k1", "k2", 0);
    expect(mayRevokeOldKey(state, "superseded")).toBe(false);
    expect(mayRevokeOldKey(state, "key_compromise")).toBe(true);
    expect(mayRevokeOldKey({ ...state, phase: "signing" }, "superseded")).toBe(false);
    expect(mayRevokeOldKey({ ...state, phase: "retired" }, "superseded")).toBe(true);
  });

  test("needs a new id", () => expect(() => beginRotation("k1", "k1", 0)).toThrow());
});
