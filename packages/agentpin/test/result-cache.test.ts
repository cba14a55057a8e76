import { MemoryPinStore, pinKey, unpinKey } from "@symbiont/agentpin";
import { generateKeyPair, verify } from "@symbiont/keys";
import { describe, expect, test, vi } from "vitest";
import { ISSUER, jwkOf, refused, said, World } from "./world.ts";

vi.mock("@symbiont/keys", async (load) => {
  const keys = await load<typeof import("@symbiont/keys")>();
  return { ...keys, verify: vi.fn(keys.verify) };
});

/** A verifier that remembers, its world, and how many signatures it has checked. */
async function warm(options: object = {}) {
  const world = new World();
  const cache = world.cache();
  const verifier = world.verifier({ resultCacheSize: 10, ...options }, cache);
  const token = world.token();
  expect(said(await verifier.verify(token))).toBe("valid");
  vi.mocked(verify).mockClear();
  return { world, cache, verifier, token, checks: () => vi.mocked(verify).mock.calls.length };
}

describe("a remembered credential", () => {
  test("is not verified again", async () => {
    const { verifier, token, checks } = await warm();
    const first = await verifier.verify(token);
    expect(await verifier.verify(`${token.slice(0, 5)}${token.slice(5)}`)).toBe(first);
    expect(checks()).toBe(0);
  });

  test("is refused the moment it is revoked", async () => {
    const { world, cache, verifier, token } = await warm();
    const [, payload = ""] = token.split(".");
    const { jti } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { jti: string };
    world.revocation.revoked_credentials = [{ jti }];
    cache.invalidate(ISSUER);
    expect(await verifier.verify(token)).toEqual(refused("CREDENTIAL_REVOKED", "jti"));
  });

  test("is refused when its revocation list grows old and cannot be had anew", async () => {
    const { world, verifier, token } = await warm();
    world.failure.revocation = new Error("down");
    world.now += 299;
    expect(said(await verifier.verify(token))).toBe("valid");
    world.now += 2;
    expect(await verifier.verify(token)).toEqual(refused("DISCOVERY_FETCH_FAILED", "revocation_unavailable"));
  });

  test("ends when the clock leaves its time, in either direction", async () => {
    const { world, verifier, token, checks } = await warm();
    world.now -= 200;
    expect(await verifier.verify(token)).toEqual(refused("CREDENTIAL_EXPIRED", "not_yet_valid"));
    expect(checks()).toBe(0);
    world.now += 200 + 660;
    expect(await verifier.verify(token)).toEqual(refused("CREDENTIAL_EXPIRED", "expired"));
  });

  test("is for its own audience, also when another is asked for", async () => {
    const { verifier, token } = await warm();
    expect(await verifier.verify(token, { audience: "other.example" })).toEqual(refused("AUDIENCE_MISMATCH"));
    expect(said(await verifier.verify(token, { audience: ["other.example", "verifier.example"] }))).toBe(
      "valid",
    );
  });

  test("is judged anew when pins change", async () => {
    const store = new MemoryPinStore();
    const { verifier, token, checks } = await warm({ pins: { store } });
    expect(await verifier.verify(token)).toMatchObject({ pin: "pinned" });
    expect(checks()).toBe(0);
    const { kid, thumbprint } = { kid: "other", thumbprint: "0".repeat(64) };
    await pinKey(store, { domain: ISSUER, kid, thumbprint, trust: "pinned" });
    expect(said(await verifier.verify(token))).toBe("valid");
    expect(checks()).toBe(1);
    const own = store.get(ISSUER)?.keys.find((key) => key.trust === "tofu");
    await unpinKey(store, ISSUER, own?.thumbprint);
    expect(await verifier.verify(token)).toEqual(refused("KEY_PIN_MISMATCH"));
  });

  test("is refused when its issuer is trusted no more", async () => {
    let trusted = true;
    const { verifier, token } = await warm({ trust: async () => trusted });
    expect(said(await verifier.verify(token))).toBe("valid");
    trusted = false;
    expect(await verifier.verify(token)).toEqual(refused("DOMAIN_MISMATCH", "issuer_not_trusted"));
  });

  test("makes room for others when there are too many", async () => {
    const { world, verifier, token, checks } = await warm({ resultCacheSize: 2 });
    for (let count = 0; count < 2; count += 1) await verifier.verify(world.token());
    const before = checks();
    await verifier.verify(token);
    expect(checks()).toBe(before + 1);
  });

  test("outlives no key of its chain", async () => {
    const { world, cache, verifier } = await warm();
    const key = generateKeyPair("ES256").privateKey;
    world.discovery.public_keys.push(jwkOf(key, "k2", { exp: world.at(30) }));
    cache.invalidate(ISSUER);
    const token = world.token({}, { key, kid: "k2" });
    expect(said(await verifier.verify(token))).toBe("valid");
    world.now += 89;
    expect(said(await verifier.verify(token))).toBe("valid");
    world.now += 1;
    expect(await verifier.verify(token)).toEqual(refused("KEY_EXPIRED"));
  });
});

test("a failure is never remembered", async () => {
  const world = new World();
  const cache = world.cache();
  const verifier = world.verifier({ resultCacheSize: 10 }, cache);
  const token = world.token();
  world.discovery.agents[0].status = "suspended";
  expect(await verifier.verify(token)).toEqual(refused("AGENT_INACTIVE"));
  world.discovery.agents[0].status = "active";
  cache.invalidate(ISSUER);
  expect(said(await verifier.verify(token))).toBe("valid");
});
