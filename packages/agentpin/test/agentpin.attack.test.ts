import {
  type Challenge,
  capabilityMatches,
  createChallenge,
  credentialFromAuthorization,
  discoveryUrl,
  findTxtRecords,
  MemoryPinStore,
  parseDiscoveryDocument,
  parseTxtRecord,
  respondToChallenge,
  signAttestation,
  TrustBundle,
  verifyAgentPinCard,
  verifyChallengeResponse,
} from "@symbiont/agentpin";
import { WellKnownResolver } from "@symbiont/agentpin/well-known-resolver";
import { derToRaw, generateKeyPair, rawToDer, sign } from "@symbiont/keys";
import { MemoryReplayStore } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { fetchFrom, startDocumentServer } from "./document-server.ts";
import {
  AGENT,
  AUDIENCE,
  ISSUER,
  jwkOf,
  rawToken,
  refused,
  START,
  said,
  signedToken,
  World,
} from "./world.ts";

const encode = (text: string): string => Buffer.from(text).toString("base64url");
const HEADER = '{"alg":"ES256","typ":"agentpin-credential+jwt","kid":"k1"}';
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** What becomes of a token in a world of its own, with some changes. */
async function judge(change: (world: World) => string, options: object = {}): Promise<string> {
  const world = new World();
  const token = change(world);
  return said(await world.verifier(options).verify(token));
}

/** The parts of a token of the world's, and its signature as r and s. */
function partsOf(world: World, more: object = {}) {
  const token = world.token(more);
  const cut = token.lastIndexOf(".");
  const raw = derToRaw(new Uint8Array(Buffer.from(token.slice(cut + 1), "base64url")));
  return { token, input: token.slice(0, cut), raw };
}

const withSignature = (input: string, bytes: Uint8Array): string =>
  `${input}.${Buffer.from(bytes).toString("base64url")}`;

test("1 options that are not numbers are no options", () => {
  const world = new World();
  for (const wrong of [
    { clockSkewSeconds: Number.NaN },
    { clockSkewSeconds: "60" },
    { maxLifetimeSeconds: undefined, clock_skew_secs: 60 },
    { maxRevocationAgeSeconds: Number.NaN },
  ])
    expect(() => world.verifier(wrong as never)).toThrow();
});

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

test.each(["null", "[]", "1", '"x"', "true", ""])(
  "3 a payload that is %s refuses, and does not throw",
  async (payload) => {
    expect(await judge((world) => rawToken(world.key, HEADER, payload))).toBe(
      "1 ALGORITHM_REJECTED malformed",
    );
  },
);

test.each<[string, (world: World) => [string, string]]>([
  ["in the header", (world) => [HEADER.replace("{", '{"alg":"none",'), JSON.stringify(world.claims())]],
  ["in the payload", (world) => [HEADER, JSON.stringify(world.claims()).replace("{", '{"sub":"x",')]],
  [
    "below",
    (world) => [HEADER, JSON.stringify(world.claims({ x: 1 })).replace('"x":1', '"x":{"a":1,"a":2}')],
  ],
  ["spelt otherwise", (world) => [HEADER, JSON.stringify(world.claims()).replace("{", '{"\\u0073ub":"x",')]],
])("4 a member that is there twice %s refuses", async (_, parts) => {
  expect(await judge((world) => rawToken(world.key, ...parts(world)))).toBe(
    "1 ALGORITHM_REJECTED duplicate_member",
  );
});

describe("5 base64url has one spelling", () => {
  test.each<[string, (token: string) => string]>([
    ["padding", (token) => `${token}=`],
    ["a new line at the end", (token) => `${token}\n`],
    ["a space inside", (token) => `${token.slice(0, -9)} ${token.slice(-9)}`],
    ["the other alphabet", (token) => `${token.slice(0, -9)}+/${token.slice(-7)}`],
  ])("not with %s", async (_, change) => {
    expect(await judge((world) => change(world.token()))).toBe("1 ALGORITHM_REJECTED base64url");
  });

  test("not with stray bits in the last character", async () => {
    const outcome = await judge((world) => {
      const payload = encode(JSON.stringify(world.claims({ x: "1".repeat(3) })));
      const body =
        payload.length % 4 === 0 ? encode(JSON.stringify(world.claims({ x: "1".repeat(4) }))) : payload;
      const last = body.charAt(body.length - 1);
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      const stray = alphabet.charAt(alphabet.indexOf(last) + 1);
      return signedToken(world.key, encode(HEADER), body.slice(0, -1) + stray);
    });
    expect(outcome).toBe("1 ALGORITHM_REJECTED base64url");
  });

  test("not with bytes that are no text", async () => {
    const outcome = await judge((world) =>
      signedToken(world.key, encode(HEADER), Buffer.from([0x7b, 0xff, 0x7d]).toString("base64url")),
    );
    expect(outcome).toBe("1 ALGORITHM_REJECTED malformed");
  });
});

describe("6 a signature has one encoding", () => {
  test.each<[string, (raw: Uint8Array) => Uint8Array]>([
    ["a byte behind it", (raw) => Uint8Array.of(...rawToDer(raw), 0)],
    [
      "a length in long form",
      (raw) => {
        const der = rawToDer(raw);
        return Uint8Array.of(0x30, 0x81, ...der.subarray(1));
      },
    ],
    [
      "a needless leading zero",
      (raw) => {
        const s = raw.subarray(32);
        const r = [2, 34, 0, 0, ...raw.subarray(0, 32)];
        return Uint8Array.of(0x30, r.length + 35, ...r, 2, 33, 0, ...s);
      },
    ],
    ["r of zero", (raw) => Uint8Array.of(0x30, 3 + 35, 2, 1, 0, 2, 33, 0, ...raw.subarray(32))],
    [
      "s of the order",
      (raw) => {
        const n = Buffer.from(ORDER.toString(16), "hex");
        return Uint8Array.of(0x30, 70, 2, 33, 0, ...raw.subarray(0, 32), 2, 33, 0, ...n);
      },
    ],
    ["nothing in it", () => new Uint8Array()],
  ])("not with %s", async (_, encoded) => {
    const outcome = await judge((world) => {
      const { input, raw } = partsOf(world);
      return withSignature(input, encoded(raw));
    });
    expect(outcome).toMatch(/^5 SIGNATURE_INVALID /);
  });
});

test("7 both halves of s verify, and are the same credential", async () => {
  const world = new World();
  const { input, raw } = partsOf(world);
  const s = BigInt(`0x${Buffer.from(raw.subarray(32)).toString("hex")}`);
  const twin = Buffer.from((ORDER - s).toString(16).padStart(64, "0"), "hex");
  const verifier = world.verifier({ replay: new MemoryReplayStore({ now: world.clock.now }) });
  const [low, high] = [rawToDer(raw), rawToDer(Uint8Array.of(...raw.subarray(0, 32), ...twin))];
  expect(said(await verifier.verify(withSignature(input, high)))).toBe("valid");
  expect(await verifier.verify(withSignature(input, low))).toEqual(refused("CREDENTIAL_REVOKED", "replayed"));
});

test("8 sixty-four zeros are no signature", async () => {
  const zeros = new Uint8Array(64);
  expect(await judge((world) => withSignature(partsOf(world).input, zeros))).toBe(
    "5 SIGNATURE_INVALID signature",
  );
});

test("9 what is critical and not understood refuses; keys that a token brings are not looked at", async () => {
  const claims = (world: World) => JSON.stringify(world.claims());
  const critical = HEADER.replace("}", ',"crit":["exp"],"exp":1}');
  expect(await judge((world) => rawToken(world.key, critical, claims(world)))).toBe(
    "1 ALGORITHM_REJECTED crit",
  );
  const attacker = generateKeyPair("ES256").privateKey;
  const own = HEADER.replace(
    "}",
    `,"jwk":${JSON.stringify(attacker.publicKey.toJwk())},"jku":"https://evil.example"}`,
  );
  expect(await judge((world) => rawToken(attacker, own, claims(world)))).toBe(
    "5 SIGNATURE_INVALID signature",
  );
});

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

test("17 wildcards give no administration, and are not claimed unless declared", async () => {
  const outcome = async (declared: string, claimed: string) =>
    judge((world) => {
      world.discovery.agents[0].capabilities = [declared];
      return world.token({ capabilities: [claimed] });
    });
  expect(await outcome("admin:*", "admin:users")).toBe("8 CAPABILITY_EXCEEDED admin_wildcard");
  expect(await outcome("admin:*", "admin:*")).toBe("8 CAPABILITY_EXCEEDED admin_wildcard");
  expect(await outcome("read:code", "read:code.*")).toBe("8 CAPABILITY_EXCEEDED capability_wildcard");
  expect(await outcome("read:code.*", "read:code.*")).toBe("valid");
  expect(await outcome("read:code", "read:codebase")).toBe("8 CAPABILITY_EXCEEDED capability");
  expect(await outcome("read:code", "read:code. x")).toBe("8 CAPABILITY_EXCEEDED capability_syntax");
  expect(capabilityMatches("*:*", "read:a")).toBe(false);
});

describe("18 constraints that cannot be compared refuse", () => {
  const outcome = async (declared: object | undefined, claimed: object | undefined) =>
    judge((world) => {
      world.discovery.agents[0].constraints = declared;
      return world.token({ constraints: claimed });
    });
  test.each<[object | undefined, object | undefined, string]>([
    [{ rate_limit: "100/hour" }, { rate_limit: "lots" }, "rate_limit"],
    [{ rate_limit: "lots" }, undefined, "rate_limit"],
    [{ rate_limit: "100/hour" }, { rate_limit: "2/minute" }, "rate_limit"],
    [undefined, { allowed_domains: [] }, "allowed_domains_empty"],
    [{ allowed_domains: ["a.example"] }, { allowed_domains: ["b.example"] }, "allowed_domains"],
    [{ denied_domains: ["a.example"] }, { denied_domains: [] }, "denied_domains"],
    [{ ip_allowlist: ["203.0.113.0/24"] }, { ip_allowlist: ["0.0.0.0/0"] }, "ip_allowlist"],
    [{ ip_allowlist: ["0.0.0.0/0"] }, { ip_allowlist: ["::ffff:1.2.3.4/96", "::/0"] }, "ip_allowlist"],
    [
      { valid_hours: { start: "09:00", end: "17:00", timezone: "UTC" } },
      { valid_hours: { start: "08:00", end: "17:00", timezone: "UTC" } },
      "valid_hours",
    ],
    [
      { valid_hours: { start: "09:00", end: "17:00", timezone: "UTC" } },
      { valid_hours: { start: "10:00", end: "11:00", timezone: "Asia/Kolkata" } },
      "valid_hours",
    ],
    [
      { data_classification_max: "internal" },
      { data_classification_max: "topsecret" },
      "data_classification_max",
    ],
    [{ house_rule: 1 }, { house_rule: 2 }, "constraint_unknown"],
  ])("%j with %j", async (declared, claimed, reason) => {
    expect(await outcome(declared, claimed)).toBe(`9 CONSTRAINT_VIOLATION ${reason}`);
  });

  test.each<[object | undefined, object | undefined]>([
    [{ rate_limit: "100/hour" }, { rate_limit: "1/minute" }],
    [
      { ip_allowlist: ["203.0.113.0/24", "2001:db8::/32"] },
      { ip_allowlist: ["203.0.113.7", "2001:db8:1::/48"] },
    ],
    [{ denied_domains: ["a.b.example"] }, { denied_domains: ["*.b.example"] }],
    [
      { valid_hours: { start: "22:00", end: "06:00", timezone: "UTC" } },
      { valid_hours: { start: "23:00", end: "01:00", timezone: "UTC" } },
    ],
    [{ house_rule: { b: 1, a: 2 } }, { house_rule: { a: 2, b: 1 } }],
  ])("but %j holds %j", async (declared, claimed) => {
    expect(await outcome(declared, claimed)).toBe("valid");
  });
});

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

describe("20 pins", () => {
  test("are left by no credential that is refused for anything", async () => {
    const world = new World();
    const store = new MemoryPinStore();
    const failing = { putIfAbsent: () => false };
    const cases: [object, object][] = [
      [{ aud: "other.example" }, {}],
      [{ capabilities: ["write:all"] }, {}],
      [{ delegation_chain: [{}] }, {}],
    ];
    for (const [claims, options] of cases) {
      const verifier = world.verifier({ pins: { store }, ...options });
      expect((await verifier.verify(world.token(claims))).valid).toBe(false);
    }
    expect(store.list()).toEqual([]);
    expect((await world.verifier({ pins: { store }, replay: failing }).verify(world.token())).valid).toBe(
      false,
    );
  });

  test("of two newcomers at once keep the first", async () => {
    const world = new World();
    const other = generateKeyPair("ES256").privateKey;
    world.discovery.public_keys.push(jwkOf(other, "k2"));
    const store = new MemoryPinStore();
    const slow = {
      get: async (domain: string) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return store.get(domain);
      },
      update: (domain: string, change: Parameters<MemoryPinStore["update"]>[1]) =>
        store.update(domain, change),
    };
    const verifier = world.verifier({ pins: { store: slow } });
    const tokens = [world.token(), world.token({}, { key: other, kid: "k2" })];
    const results = await Promise.all(tokens.map(async (token) => verifier.verify(token)));
    expect(results.filter(({ valid }) => valid)).toHaveLength(1);
    expect(store.get(ISSUER)?.keys).toHaveLength(1);
  });

  test("continue to a new key only while a good old one stands beside it", async () => {
    const rotate = async (change: (world: World) => void, trust: "tofu" | "pinned" = "tofu") => {
      const world = new World();
      const store = new MemoryPinStore();
      const pins = { store, policy: "continuity" as const };
      const cache = world.cache();
      const verifier = world.verifier({ pins }, cache);
      await verifier.verify(world.token());
      store.update(
        ISSUER,
        (current) => current && { ...current, keys: current.keys.map((key) => ({ ...key, trust })) },
      );
      const other = generateKeyPair("ES256").privateKey;
      world.discovery.public_keys.push(jwkOf(other, "k2"));
      change(world);
      cache.invalidate(ISSUER);
      return said(await verifier.verify(world.token({}, { key: other, kid: "k2" })));
    };
    const mismatch = "11 KEY_PIN_MISMATCH key_pin";
    expect(await rotate(() => undefined)).toBe("valid");
    expect(await rotate(() => undefined, "pinned")).toBe(mismatch);
    expect(await rotate(({ discovery }) => discovery.public_keys.shift())).toBe(mismatch);
    expect(await rotate(({ discovery }) => (discovery.public_keys[0].exp = "2020-01-01"))).toBe(mismatch);
    expect(await rotate(({ revocation }) => (revocation.revoked_keys = [{ kid: "k1" }]))).toBe(mismatch);
  });
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

describe("22 a challenge", () => {
  const world = new World();
  const { key } = world;
  const kid = "k1";
  const challenge = createChallenge(START);
  const caseOf = (more: object = {}) => ({
    challenge,
    credential: { kid, publicKey: key.publicKey },
    replay: new MemoryReplayStore({ now: world.clock.now }),
    now: START + 5,
    ...more,
  });
  const invalid = (code: string, reason: string) => expect.objectContaining({ code, reason }) as Error;

  test.each<[string, string]>([
    ["a token", world.token().split(".").slice(0, 2).join(".")],
    ["an attestation", `maker.example|maker|${AGENT}|a.example|b|${"0".repeat(64)}`],
    ["a card", '{"name":"x"}'],
    ["nothing", ""],
    ["too little", "short"],
    ["too much", "x".repeat(87)],
  ])("that is %s is not signed", (_, nonce) => {
    expect(() => respondToChallenge({ ...challenge, nonce }, { key, kid, now: START })).toThrow(
      invalid("AGENTPIN_CHALLENGE_INVALID", "nonce"),
    );
  });

  test.each(["not a date", "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])(
    "of %s is not signed",
    (timestamp) => {
      expect(() => respondToChallenge({ ...challenge, timestamp }, { key, kid, now: START })).toThrow(
        invalid("AGENTPIN_CHALLENGE_INVALID", "timestamp"),
      );
    },
  );

  test("is not burnt by a forged answer, and answered once", async () => {
    const replay = new MemoryReplayStore({ now: world.clock.now });
    const response = respondToChallenge(challenge, { key, kid, now: START });
    const forged = respondToChallenge(challenge, {
      key: generateKeyPair("ES256").privateKey,
      kid,
      now: START,
    });
    await expect(verifyChallengeResponse(forged, caseOf({ replay }))).rejects.toThrow(
      invalid("AGENTPIN_RESPONSE_INVALID", "signature"),
    );
    await verifyChallengeResponse(response, caseOf({ replay }));
    await expect(verifyChallengeResponse(response, caseOf({ replay }))).rejects.toThrow(
      invalid("AGENTPIN_RESPONSE_INVALID", "replayed"),
    );
  });

  test.each<[string, Partial<Challenge>, object, string]>([
    ["from the future", { timestamp: new Date((START + 60) * 1000).toISOString() }, {}, "expired"],
    ["without a time", { timestamp: "x" }, {}, "expired"],
    ["that is old", {}, { now: START + 61 }, "expired"],
    ["of another", { nonce: "A".repeat(43) }, {}, "nonce"],
  ])("%s is not answered by this", async (_, change, more, reason) => {
    const response = respondToChallenge(challenge, { key, kid, now: START });
    await expect(
      verifyChallengeResponse(response, caseOf({ challenge: { ...challenge, ...change }, ...more })),
    ).rejects.toThrow(invalid("AGENTPIN_RESPONSE_INVALID", reason));
  });

  test("cannot be answered when nobody can remember the answer", async () => {
    const response = respondToChallenge(challenge, { key, kid, now: START });
    const replay = { putIfAbsent: () => Promise.reject(new Error("down")) };
    await expect(verifyChallengeResponse(response, caseOf({ replay }))).rejects.toThrow(
      invalid("AGENTPIN_RESPONSE_INVALID", "replay_store_failed"),
    );
  });
});

test.each([
  "evil.example/../x",
  "127.0.0.1",
  "a.example:8443",
  "user@a.example",
  "localhost",
  "../../etc/passwd",
  "a.internal",
  "bücher.example",
  "a.example.",
])("23 the issuer %s becomes no address", async (iss) => {
  expect(() => discoveryUrl(iss)).toThrow(expect.objectContaining({ reason: "issuer_syntax" }));
  const world = new World();
  expect(await world.verifier({ trust: () => true }).verify(world.token({ iss }))).toEqual(
    refused("DISCOVERY_INVALID", "issuer_syntax"),
  );
  expect(world.asked).toEqual([]);
});

test.each<[string, string, string]>([
  ["redirects", "server", "redirect"],
  ["is silent", "server", "timeout"],
  ["is endless", "server", "too_large"],
  ["is compressed", "server", "content_encoding"],
  ["signs for itself", "self-signed", "tls"],
])("24 a server that %s is not believed", async (what, certificate, reason) => {
  const server = await startDocumentServer((_, response) => {
    const type = { "content-type": "application/json" };
    if (what === "redirects") response.writeHead(302, { location: "https://example.com/" }).end();
    else if (what === "is endless") response.writeHead(200, type).end(Buffer.alloc(2_000_000, " "));
    else if (what === "is compressed")
      response.writeHead(200, { ...type, "content-encoding": "gzip" }).end("x");
    else if (what !== "is silent") response.writeHead(200, type).end("{}");
  }, certificate as "server");
  try {
    const fetch = fetchFrom(server, { timeoutMs: what === "is silent" ? 500 : 20_000 });
    await expect(new WellKnownResolver({ fetch }).fetchDiscovery("example.com")).rejects.toThrow(
      expect.objectContaining({ code: "AGENTPIN_DISCOVERY_FETCH_FAILED", reason }),
    );
  } finally {
    server.close();
  }
});

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

test("26 a header has the scheme in any case, one space, and one token", () => {
  for (const scheme of ["AgentPin", "agentpin", "AGENTPIN"])
    expect(credentialFromAuthorization(`${scheme} a.b.c`)).toBe("a.b.c");
  for (const header of [
    "AgentPin  a.b.c",
    "AgentPin a.b.c ",
    "AgentPin\ta.b.c",
    " AgentPin a.b.c",
    "AgentPin a.b.c, AgentPin d.e.f",
    "AgentPin a.b",
    "AgentPin a.b.c.d",
    "Bearer a.b.c",
    "AgentPin a.b.c\n",
    `AgentPin a.b.${"c".repeat(10_000)}`,
    undefined,
    ["AgentPin a.b.c"],
  ])
    expect(credentialFromAuthorization(header)).toBeUndefined();
});

test("27 TXT records have whole fingerprints, each field once, and all of them must match", () => {
  const fingerprint = `sha256:${"a".repeat(64)}`;
  for (const text of [
    "v=agentpin1; fp=sha256:aa",
    `v=agentpin1; fp=${fingerprint}a`,
    `v=agentpin1; fp=${fingerprint}; fp=${fingerprint}`,
    `v=agentpin1; v=agentpin1; fp=${fingerprint}`,
    `fp=${fingerprint}`,
    "v=agentpin1; fp",
    `v=agentpin1; fp=md5:${"a".repeat(64)}`,
    `v=agentpin1; fp=${fingerprint};${" ".repeat(5_000)}`,
  ])
    expect(() => parseTxtRecord(text)).toThrow(
      expect.objectContaining({ code: "AGENTPIN_TXT_RECORD_INVALID" }),
    );
  // One bad record is not outvoted by a good one.
  expect(() => findTxtRecords([[`v=agentpin1; fp=${fingerprint}`], ["v=agentpin1"]])).toThrow();
  expect(findTxtRecords([["v=spf1 -all"], [`v=agentpin1; fp=${fingerprint}`]])).toHaveLength(1);
});

test("28 a card says nothing about its own domain and key", () => {
  const world = new World();
  const discovery = parseDiscoveryDocument(world.discovery, ISSUER);
  const content = { name: "scout", url: `https://${ISSUER}/a2a` };
  const signature = (key = world.key) =>
    Buffer.from(sign(key, '{"name":"scout","url":"https://deployer.example/a2a"}')).toString("base64");
  const member = {
    agentpin_endpoint: discoveryUrl(ISSUER),
    public_key_jwk: jwkOf(world.key, "k1"),
    signature: signature(),
  };
  expect(verifyAgentPinCard({ ...content, agentpin: member }, discovery)).toEqual(content);
  const attacker = generateKeyPair("ES256").privateKey;
  for (const [change, reason] of [
    [{ agentpin_endpoint: "https://evil.example/.well-known/agent-identity.json" }, "endpoint"],
    [{ public_key_jwk: jwkOf(attacker, "k1"), signature: signature(attacker) }, "key"],
    [{ public_key_jwk: jwkOf(attacker, "attacker"), signature: signature(attacker) }, "key"],
    [{ signature: signature(attacker) }, "signature"],
    [{ signature: "!" }, "signature"],
  ] as const) {
    const card = { ...content, agentpin: { ...member, ...change } };
    expect(() => verifyAgentPinCard(card, discovery)).toThrow(expect.objectContaining({ reason }));
  }
});

test("a token cannot pass for a refusal, nor a refusal for a document", async () => {
  const world = new World();
  const token = world.token({ valid: false, protocolCode: "X", retryable: true });
  const result = await world.verifier().verify(token);
  expect(result.valid).toBe(true);
});

test("a hostile object in the place of a token is a refusal", async () => {
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error("no");
      },
    },
  );
  const verifier = new World().verifier();
  expect(await verifier.verify(hostile)).toEqual(refused("ALGORITHM_REJECTED", "malformed"));
});
