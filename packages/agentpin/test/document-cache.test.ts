import {
  AgentPinError,
  MemoryPinStore,
  parseDiscoveryDocument,
  parseRevocationDocument,
} from "@symbiont/agentpin";
import { generateKeyPair } from "@symbiont/keys";
import { describe, expect, test } from "vitest";
import { KnownIssuer } from "../src/discovery/known-issuer.ts";
import { ISSUER, jwkOf, refused, said, World } from "./world.ts";

const down = new AgentPinError("AGENTPIN_DISCOVERY_FETCH_FAILED", "no answer", {
  reason: "timeout",
  retryable: true,
});
const gone = new AgentPinError("AGENTPIN_DISCOVERY_FETCH_FAILED", "404", { reason: "http_status" });

describe("documents", () => {
  test("are fetched once for many who ask at the same time, and kept", async () => {
    const world = new World();
    const cache = world.cache();
    const found = await Promise.all(Array.from({ length: 10 }, async () => cache.lookUp(ISSUER)));
    expect(new Set(found).size).toBe(1);
    expect(world.asked).toEqual([`discovery ${ISSUER}`, `revocation ${ISSUER}`]);
    expect(cache.peek(ISSUER)).toBe(found[0]);
  });

  test("of keys are kept for an hour, of revocations for five minutes", async () => {
    const world = new World();
    const cache = world.cache();
    await cache.lookUp(ISSUER);
    world.now += 301;
    await cache.lookUp(ISSUER);
    expect(world.asked.map((line) => line.split(" ")[0])).toEqual(["discovery", "revocation", "revocation"]);
    world.now += 3_300;
    await cache.lookUp(ISSUER);
    expect(world.asked.filter((line) => line.startsWith("discovery"))).toHaveLength(2);
  });

  test("are kept as long as their source says, within bounds", async () => {
    const world = new World();
    world.maxAge = { discovery: 0, revocation: 10_000 };
    const cache = world.cache();
    await cache.lookUp(ISSUER);
    world.now += 59;
    expect(cache.peek(ISSUER)).toBeDefined();
    world.now += 1;
    expect(cache.peek(ISSUER)).toBeUndefined();
    world.maxAge = { discovery: 10_000_000, revocation: 0 };
    await cache.lookUp(ISSUER);
    // What is not to be kept is good for the one verification that fetched it.
    expect(cache.peek(ISSUER)).toBeUndefined();
  });

  test("end when the clock is put back", async () => {
    const world = new World();
    const cache = world.cache();
    await cache.lookUp(ISSUER);
    world.now -= 1;
    expect(cache.peek(ISSUER)).toBeUndefined();
  });

  test("of keys are used on for an hour when they cannot be reached, but not when they were taken back", async () => {
    for (const [failure, stale] of [
      [down, true],
      [gone, false],
    ] as const) {
      const world = new World();
      const verifier = world.verifier();
      await verifier.verify(world.token());
      world.failure = { discovery: failure };
      world.now += 3_601;
      const result = await verifier.verify(world.token());
      expect(result.valid).toBe(stale);
      if (result.valid) expect(result.warnings).toEqual(["discovery_stale"]);
      world.now += 3_600;
      expect((await verifier.verify(world.token())).valid).toBe(false);
    }
  });

  test("of revocations are never used past their time", async () => {
    const world = new World();
    const verifier = world.verifier();
    await verifier.verify(world.token());
    world.failure = { revocation: down };
    world.now += 301;
    expect(await verifier.verify(world.token())).toEqual(
      refused("DISCOVERY_FETCH_FAILED", "revocation_unavailable"),
    );
  });

  test("that still count are not given up because somebody made up a key", async () => {
    const world = new World();
    const verifier = world.verifier();
    expect(said(await verifier.verify(world.token()))).toBe("valid");
    world.failure = { revocation: down };
    const madeUp = world.token({}, { key: generateKeyPair("ES256").privateKey, kid: "made-up" });
    expect(await verifier.verify(madeUp)).toEqual(refused("KEY_NOT_FOUND", "kid_unknown"));
    expect(said(await verifier.verify(world.token()))).toBe("valid");
    world.now += 301;
    expect((await verifier.verify(world.token())).valid).toBe(false);
  });

  test("that were rolled back are asked for again at once", async () => {
    const world = new World();
    const cache = world.cache();
    const verifier = world.verifier({}, cache);
    await verifier.verify(world.token());
    world.now += 301;
    const newest = world.revocation.updated_at;
    world.revocation.updated_at = world.at(-4_000);
    expect(await verifier.verify(world.token())).toMatchObject({
      reason: "revocation_rollback",
      retryable: true,
    });
    world.revocation.updated_at = newest;
    expect(said(await verifier.verify(world.token()))).toBe("valid");
  });

  test("older than one seen before are refused", async () => {
    const world = new World();
    const cache = world.cache();
    await cache.lookUp(ISSUER);
    cache.invalidate(ISSUER);
    world.discovery.updated_at = world.at(-90_000);
    expect(await cache.lookUp(ISSUER)).toEqual(refused("DISCOVERY_INVALID", "rollback"));
    world.discovery.updated_at = world.at(-86_400);
    world.revocation.updated_at = world.at(-4_000);
    const found = await cache.lookUp(ISSUER);
    expect(found).toMatchObject({ revocation: { valid: false, reason: "revocation_rollback" } });
  });

  test("that are replaced keep what was revoked revoked", async () => {
    const world = new World();
    const cache = world.cache();
    const verifier = world.verifier({}, cache);
    world.revocation.revoked_keys = [{ kid: "k1", reason: "key_compromise" }];
    expect(await verifier.verify(world.token())).toEqual(refused("KEY_REVOKED"));
    // The list shrinks, and the key comes back under another id.
    delete world.revocation.revoked_keys;
    world.discovery.public_keys = [jwkOf(world.key, "k2")];
    cache.invalidate(ISSUER);
    expect(await verifier.verify(world.token({}, { kid: "k2" }))).toEqual(refused("KEY_REVOKED"));
  });

  test("that were rolled back while newer ones count say the truth about what they revoke", async () => {
    const world = new World();
    const verifier = world.verifier();
    expect(said(await verifier.verify(world.token()))).toBe("valid");
    world.revocation.updated_at = world.at(-4_000);
    world.revocation.revoked_keys = [{ kid: "k1", reason: "key_compromise" }];
    await verifier.verify(world.token({}, { kid: "made-up" }));
    expect(await verifier.verify(world.token())).toEqual(refused("KEY_REVOKED"));
  });

  test("that revoke more keys than can be remembered leave it open what is revoked", async () => {
    const world = new World();
    const key = world.key.publicKey;
    const known = new KnownIssuer();
    for (let round = 0; round < 120; round += 1) {
      const published = Array.from({ length: 100 }, (_, index) => ({
        kid: `${round}-${index}`,
        key,
        thumbprint: `t${round}-${index}`,
      }));
      const document = {
        ...parseDiscoveryDocument(world.discovery, ISSUER),
        keys: new Map(published.map((one) => [one.kid, one])),
      };
      known.setDiscovery(document, { from: round, until: round + 60 });
      const list = parseRevocationDocument(world.revocation, ISSUER);
      known.setRevocation(
        { ...list, keys: new Set(published.map(({ kid }) => kid)) },
        { from: round, until: round + 60 },
      );
    }
    const { revocation, revokedThumbprints } = known.current() ?? {};
    expect(revocation).toMatchObject({ valid: false, reason: "revocation_overflow" });
    expect(revokedThumbprints?.size).toBeLessThan(10_300);
  });

  test("are looked up again for an unknown key, and then not for a while", async () => {
    const world = new World();
    const verifier = world.verifier();
    expect(said(await verifier.verify(world.token()))).toBe("valid");
    const key = generateKeyPair("ES256").privateKey;
    const token = world.token({}, { key, kid: "k2" });
    expect(await verifier.verify(token)).toEqual(refused("KEY_NOT_FOUND", "kid_unknown"));
    world.discovery.public_keys.push(jwkOf(key, "k2"));
    expect(await verifier.verify(token)).toEqual(refused("KEY_NOT_FOUND", "kid_unknown"));
    expect(world.asked.filter((line) => line.startsWith("discovery"))).toHaveLength(2);
    world.now += 30;
    expect(said(await verifier.verify(token))).toBe("valid");
  });

  test("of too many issuers at once are refused for the moment", async () => {
    const world = new World();
    const cache = world.cache({ maxConcurrent: 2 });
    const names = ["a.example", "b.example", "c.example"];
    for (const entity of names) world.others.set(entity, { discovery: { ...world.discovery, entity } });
    const found = await Promise.all(names.map(async (name) => cache.lookUp(name)));
    expect(found[2]).toMatchObject({ reason: "too_many_lookups", retryable: true });
    expect(await cache.lookUp("c.example")).toHaveProperty("discovery");
  });

  test("of the issuer that was not used for the longest time make room", async () => {
    const world = new World();
    const cache = world.cache({ maxIssuers: 2 });
    for (const entity of ["a.example", "b.example", "c.example"]) {
      world.others.set(entity, { discovery: { ...world.discovery, entity } });
      await cache.lookUp(entity);
    }
    expect(cache.peek("a.example")).toBeUndefined();
    expect(cache.peek("b.example")).toBeDefined();
  });

  test("of names that are only made up push out nobody", async () => {
    const world = new World();
    const cache = world.cache({ maxIssuers: 2 });
    await cache.lookUp(ISSUER);
    world.failure = { discovery: down };
    for (const name of ["a.example", "b.example", "c.example"])
      expect(await cache.lookUp(name)).toMatchObject({ valid: false });
    expect(cache.peek(ISSUER)).toBeDefined();
  });

  test("of unknown issuers are looked up for one caller only so often in a minute", async () => {
    const world = new World();
    const cache = world.cache({ newIssuersPerMinute: 2 });
    const verifier = world.verifier(
      { trust: { tofu: true }, pins: { store: new MemoryPinStore() }, subjectFormat: "urn" },
      cache,
    );
    const from = async (iss: string, caller?: string) => {
      const token = world.token({ iss, sub: `urn:agentpin:${iss}:x` });
      return said(await verifier.verify(token, caller === undefined ? {} : { caller }));
    };
    const tooMany = "3 DISCOVERY_FETCH_FAILED look_up_budget";
    expect(said(await verifier.verify(world.token(), { caller: "10.0.0.1" }))).toBe("valid");
    world.failure = { discovery: down };
    expect(await from("a.example", "10.0.0.1")).toBe("3 DISCOVERY_FETCH_FAILED timeout");
    expect(await from("a.example", "10.0.0.1")).toBe(tooMany);
    expect(await from("b.example", "10.0.0.1")).toBe(tooMany);
    // Others are not held up, and neither is anybody with an issuer that is known.
    expect(await from("b.example", "10.0.0.2")).toBe("3 DISCOVERY_FETCH_FAILED timeout");
    expect(said(await verifier.verify(world.token(), { caller: "10.0.0.1" }))).toBe("valid");
    // Who is not named is one caller.
    expect(await from("c.example")).toBe("3 DISCOVERY_FETCH_FAILED timeout");
    expect(await from("d.example")).toBe("3 DISCOVERY_FETCH_FAILED timeout");
    expect(await from("e.example")).toBe(tooMany);
    const asked = world.asked.length;
    world.now += 60;
    expect(await from("b.example", "10.0.0.1")).toBe("3 DISCOVERY_FETCH_FAILED timeout");
    expect(world.asked).toHaveLength(asked + 1);
  });

  test("of issuers that the operator named are looked up for whoever asks", async () => {
    const world = new World();
    world.failure = { discovery: down };
    const verifier = world.verifier({}, world.cache({ newIssuersPerMinute: 1 }));
    for (let count = 0; count < 3; count += 1)
      expect(await verifier.verify(world.token())).toEqual(refused("DISCOVERY_FETCH_FAILED", "timeout"));
  });

  test("of more callers than can be counted are not looked up", async () => {
    const world = new World();
    world.failure = { discovery: down };
    const cache = world.cache();
    for (let count = 0; count < 10_000; count += 1)
      await cache.lookUp(`i${count}.example`, { caller: `${count}` });
    expect(await cache.lookUp("one-more.example", { caller: "one more" })).toMatchObject({
      reason: "look_up_budget",
      retryable: true,
    });
  });

  test("with wrong options are not looked up at all", () => {
    const world = new World();
    for (const wrong of [
      { maxRevocationAgeSeconds: Number.NaN },
      { maxStaleSeconds: -1 },
      { discoveryAge: 1 },
      { minDiscoveryAgeSeconds: 100, maxDiscoveryAgeSeconds: 50 },
      { dns: { policy: "maybe" } },
      { newIssuersPerMinute: 0 },
      { resolver: {} },
    ])
      expect(() => world.cache(wrong)).toThrow();
  });
});

describe("DNS", () => {
  const lookupOf = (records: string[][] | Error) => async () => {
    if (records instanceof Error) throw records;
    return records;
  };
  const judge = async (policy: string, records: (own: string) => string[][] | Error) => {
    const world = new World();
    const own = Buffer.from(world.key.publicKey.thumbprint, "base64url").toString("hex");
    const dns = { policy, lookup: lookupOf(records(own)) };
    return said(await world.verifier({}, world.cache({ dns })).verify(world.token()));
  };

  test("confirms, or refuses", async () => {
    expect(await judge("require", (own) => [[`v=agentpin1; fp=sha256:${own}`], ["v=spf1 -all"]])).toBe(
      "valid",
    );
    expect(await judge("require", (own) => [["v=agentpin1; kid=k1; fp=", `sha256:${own}`]])).toBe("valid");
    expect(await judge("if-present", () => [])).toBe("valid");
    expect(await judge("require", () => [])).toBe("3 DISCOVERY_INVALID dns_missing");
    expect(await judge("if-present", () => [[`v=agentpin1; fp=sha256:${"0".repeat(64)}`]])).toBe(
      "3 DISCOVERY_INVALID dns_mismatch",
    );
    expect(await judge("if-present", () => [["v=agentpin1; fp=sha256:00"]])).toBe(
      "3 DISCOVERY_INVALID dns_invalid",
    );
    expect(await judge("if-present", () => new Error("SERVFAIL"))).toBe(
      "3 DISCOVERY_FETCH_FAILED dns_unavailable",
    );
  });

  test("that came to refuse once refuses again", async () => {
    const world = new World();
    const dns = { policy: "require", lookup: async () => [] };
    const verifier = world.verifier({}, world.cache({ dns }));
    for (let count = 0; count < 2; count += 1)
      expect(await verifier.verify(world.token())).toEqual(refused("DISCOVERY_INVALID", "dns_missing"));
  });
});
