import { hash } from "@node-rs/argon2";
import { ApiKeys, MemoryStore, parseToken } from "@symbiont/api-keys";
import { describe, expect, test } from "vitest";
import { refused, fastKeys as setup } from "./setup.ts";

const DAY_MS = 86_400_000;
const peppers = [{ id: "p1", key: new Uint8Array(32).fill(1) }];

describe("issuing", () => {
  test.each(["argon2id", "hmac-sha256"] as const)(
    "a %s key verifies and tells what it is good for",
    async (hashing) => {
      const { keys, store, clock } = setup({ hashing });
      const { token, key } = await keys.create({
        agents: ["agent-a", "5F0C5D1E-6D0B-4A57-9F0E-0D6F4D6A9B11", "agent-a"],
        scopes: ["read"],
        owner: "team-a",
        description: "ci",
        metadata: { plan: "pro" },
      });
      const text = token.reveal();
      expect(parseToken(text)).toMatchObject({ prefix: "ak", keyId: key.keyId });
      expect(await keys.verify(text)).toEqual({
        keyId: key.keyId,
        agentScope: ["agent-a", "5f0c5d1e-6d0b-4a57-9f0e-0d6f4d6a9b11"],
        scopes: ["read"],
        owner: "team-a",
        expiresAt: clock.now() + 90 * DAY_MS,
        metadata: { plan: "pro" },
        version: 1,
        verifiedAt: clock.now(),
      });
      expect(key).not.toHaveProperty("keyHash");
      expect(key.display).toBe(`${text.slice(0, key.keyId.length + 5)}…`);
      expect(store.get(key.keyId)?.keyHash.startsWith(`$${hashing}$`)).toBe(true);
      expect(JSON.stringify(store.get(key.keyId))).not.toContain(parseToken(text)?.secret);
    },
  );

  test("the token is handed out once", async () => {
    const { token } = await setup().keys.create({ agents: ["a"] });
    token.reveal();
    expect(() => token.reveal()).toThrow(expect.objectContaining({ code: "API_KEY_TOKEN_TAKEN" }));
  });

  test("never must be written out", async () => {
    const { keys } = setup();
    expect((await keys.create({ agents: ["a"], expiresAt: "never" })).key).not.toHaveProperty("expiresAt");
  });

  test.each([
    ["no agents", { agents: [] }, RangeError],
    ["no access at all", {}, TypeError],
    ["an admin that is not true", { admin: 1 }, TypeError],
    ["admin and agents", { admin: true, agents: ["a"] }, TypeError],
    ["an empty agent", { agents: [""] }, RangeError],
    ["agents as text", { agents: "*" }, TypeError],
    ["an expiry in the past", { agents: ["a"], expiresAt: 1 }, RangeError],
    ["an expiry that is no number", { agents: ["a"], expiresAt: Number.NaN }, RangeError],
    ["an expiry before the beginning", { agents: ["a"], expiresAt: 1.9e12, notBefore: 2e12 }, RangeError],
    ["control characters", { agents: ["a"], description: "a\nb" }, RangeError],
    ["too much metadata", { agents: ["a"], metadata: { x: "y".repeat(5000) } }, RangeError],
  ])("%s is refused", async (_, details, error) => {
    const { keys, audit } = setup();
    await expect(keys.create(details as never)).rejects.toThrow(error);
    expect(audit.records).toEqual([]);
  });

  test("options are checked", () => {
    const store = new MemoryStore();
    expect(() => new ApiKeys({ store, prefix: "AK" })).toThrow(RangeError);
    expect(() => new ApiKeys({ store, hashing: "hmac-sha256" })).toThrow(TypeError);
    expect(() => new ApiKeys({ store, hashing: "bcrypt" as never })).toThrow(TypeError);
    expect(() => new ApiKeys({ store, peppers: [{ id: "p", key: new Uint8Array(16) }] })).toThrow(RangeError);
    expect(() => new ApiKeys({ store, peppers: [{ id: "$", key: new Uint8Array(32) }] })).toThrow(RangeError);
    expect(() => new ApiKeys({ store, peppers: [...peppers, ...peppers] })).toThrow(RangeError);
    expect(() => new ApiKeys({ store, hashConcurrency: 0 })).toThrow(RangeError);
    expect(() => new ApiKeys({ store, hashQueue: -1 })).toThrow(RangeError);
    expect(() => new ApiKeys({ store, legacy: { scan: true, until: Number.NaN } })).toThrow(RangeError);
    expect(() => new ApiKeys({ store, legacy: { scan: true, until: 1, maxRecords: 0 } })).toThrow(RangeError);
    expect(() => new ApiKeys({ store, legacy: { scan: false as never, until: 1 } })).toThrow(TypeError);
  });
});

describe("refusing: one answer to the caller, the reason in the audit record", () => {
  test("by shape, id, secret and state", async () => {
    const { keys, clock, audit, reason } = setup();
    const one = await keys.create({
      agents: ["a"],
      notBefore: clock.now() + 60_000,
      expiresAt: clock.now() + 120_000,
    });
    const two = await keys.create({ agents: ["a"], expiresAt: "never" });
    const first = one.token.reveal();
    const second = two.token.reveal();

    const mixed = `${one.key.keyId}.${parseToken(second)?.secret}`;
    for (const [token, why] of [
      [first, "not_yet_valid"],
      ["", "malformed"],
      [mixed, "malformed"],
      [first.slice(0, -1), "malformed"],
      ["a\u0000.b", "malformed"],
      [`x.${"y".repeat(600)}`, "malformed"],
      [undefined as never, "malformed"],
      ["nobody.secret", "unknown_key"],
      ["no-dot-at-all", "unkeyed"],
      [`${"x".repeat(300)}.y`, "malformed"],
    ] as const) {
      await expect(keys.verify(token), why).rejects.toMatchObject(refused);
      expect(reason()).toBe(why);
    }
    clock.advance(55_000);
    await keys.verify(first); // five seconds early: clocks differ
    clock.advance(65_000 - 1);
    await keys.verify(first);
    clock.advance(1);
    await expect(keys.verify(first)).rejects.toMatchObject(refused);
    expect(reason()).toBe("expired");

    await keys.revoke(two.key.keyId, "stolen");
    await expect(keys.verify(second, { client: "192.0.2.1" })).rejects.toMatchObject(refused);
    expect(audit.records.at(-1)).toEqual({
      type: "api_key.verify",
      outcome: "denied",
      actor: { kind: "agent", id: two.key.keyId, key: two.key.keyId },
      error: { name: "ApiKeyError", code: "API_KEY_REFUSED" },
      data: { reason: "revoked", client: "192.0.2.1" },
    });
  });

  test("a key that is valid but not good for this", async () => {
    const { keys, reason } = setup();
    const scoped = (await keys.create({ agents: ["a", "b"], scopes: ["read", "write"] })).token.reveal();
    const admin = (await keys.create({ admin: true })).token.reveal();
    await keys.verify(scoped, { agent: "b", scopes: ["write", "read"] });
    await keys.verify(admin, { agent: "anyone", admin: true });
    for (const [token, requirements, why] of [
      [scoped, { agent: "c" }, "agent_denied"],
      [scoped, { agent: "A" }, "agent_denied"],
      [scoped, { admin: true }, "admin_required"],
      [scoped, { scopes: ["read", "delete"] }, "scope_missing"],
      [admin, { scopes: ["read"] }, "scope_missing"],
    ] as const) {
      await expect(keys.verify(token, requirements)).rejects.toMatchObject({ code: "API_KEY_SCOPE_DENIED" });
      expect(reason()).toBe(why);
    }
  });

  test.each([
    { agent: undefined },
    { admin: undefined },
    { scopes: undefined },
    { scopes: "read" },
    { agent: 7 },
  ])("a requirement that got lost is an error, not no requirement: %j", async (requirements) => {
    const { keys } = setup();
    const text = (await keys.create({ agents: ["a"] })).token.reveal();
    await expect(keys.verify(text, requirements as never)).rejects.toThrow(TypeError);
  });

  test("who does not know the secret learns nothing of the scope", async () => {
    const { keys } = setup();
    const { key } = await keys.create({ agents: ["a"] });
    const other = (await keys.create({ agents: ["a"] })).token.reveal();
    await keys.revoke(key.keyId, "test");
    await expect(keys.verify(other, { agent: "b" })).rejects.toMatchObject({ code: "API_KEY_SCOPE_DENIED" });
    await expect(keys.verify(`${key.keyId}.x`, { agent: "b" })).rejects.toMatchObject(refused);
  });

  test("an empty scope means nobody", async () => {
    const { keys, store } = setup();
    const { token, key } = await keys.create({ agents: ["a"] });
    const record = store.get(key.keyId);
    if (record === undefined) throw new Error("no record");
    await store.put({ ...record, agentScope: [], version: 2 }, { ifVersion: 1 });
    const text = token.reveal();
    expect((await keys.verify(text)).agentScope).toEqual([]);
    await expect(keys.verify(text, { agent: "a" })).rejects.toMatchObject({ code: "API_KEY_SCOPE_DENIED" });
    await expect(keys.verify(text, { admin: true })).rejects.toMatchObject({ code: "API_KEY_SCOPE_DENIED" });
  });
});

describe("rotating", () => {
  test("both keys are good for the time of grace", async () => {
    const { keys, clock, reason } = setup();
    const old = await keys.create({
      agents: ["a"],
      scopes: ["s"],
      owner: "o",
      metadata: { m: 1 },
      expiresAt: "never",
    });
    const oldText = old.token.reveal();
    const { token, key } = await keys.rotate(old.key.keyId, { graceMs: 1000 });
    const newText = token.reveal();
    expect(key).toMatchObject({ agentScope: ["a"], scopes: ["s"], owner: "o", metadata: { m: 1 } });
    expect(key.expiresAt).toBe(clock.now() + 90 * DAY_MS);
    await keys.verify(oldText);
    await keys.verify(newText);
    const [listed] = (await keys.list()).filter(({ keyId }) => keyId === old.key.keyId);
    expect(listed).toMatchObject({ replacedBy: key.keyId, version: 2 });
    clock.advance(1000);
    await expect(keys.verify(oldText)).rejects.toMatchObject(refused);
    expect(reason()).toBe("expired");
    await keys.verify(newText);
  });

  test("grace never lengthens a life", async () => {
    const { keys, clock } = setup();
    const { key } = await keys.create({ agents: ["a"], expiresAt: clock.now() + 10 });
    await keys.rotate(key.keyId, { graceMs: DAY_MS });
    expect((await keys.list()).find(({ keyId }) => keyId === key.keyId)?.expiresAt).toBe(clock.now() + 10);
  });

  test("only active keys, and once", async () => {
    const { keys } = setup();
    const one = (await keys.create({ agents: ["a"] })).key.keyId;
    await keys.rotate(one, { graceMs: 1000 });
    await expect(keys.rotate(one, { graceMs: 1000 })).rejects.toMatchObject({ code: "API_KEY_INACTIVE" });
    const two = (await keys.create({ agents: ["a"] })).key.keyId;
    await keys.revoke(two, "test");
    await expect(keys.rotate(two, { graceMs: 1000 })).rejects.toMatchObject({ code: "API_KEY_INACTIVE" });
    await expect(keys.rotate("nobody", { graceMs: 0 })).rejects.toMatchObject({ code: "API_KEY_NOT_FOUND" });
    await expect(keys.rotate(one, { graceMs: -1 })).rejects.toThrow(RangeError);
  });

  test("of two rotations at once one wins, and the loser leaves no key behind", async () => {
    const { keys } = setup({ hashing: "argon2id" });
    const { key } = await keys.create({ agents: ["a"] });
    const results = await Promise.allSettled([1, 2].map(() => keys.rotate(key.keyId, { graceMs: 1000 })));
    const lost = results.filter((result) => result.status === "rejected");
    expect(lost).toHaveLength(1);
    expect(lost[0]?.reason).toMatchObject({ code: "API_KEY_CONFLICT" });
    expect(await keys.list()).toHaveLength(2);
    expect(await keys.list({ includeRevoked: true })).toHaveLength(3);
  });
});

describe("revoking", () => {
  test("is irreversible and says the same twice", async () => {
    const { keys, clock } = setup();
    const { key } = await keys.create({ agents: ["a"] });
    const first = await keys.revoke(key.keyId, "one");
    clock.advance(1000);
    expect(await keys.revoke(key.keyId, "two")).toEqual(first);
    await expect(keys.revoke("nobody", "x")).rejects.toMatchObject({ code: "API_KEY_NOT_FOUND" });
    await expect(keys.revoke(key.keyId, "x".repeat(257))).rejects.toThrow(RangeError);
  });

  test("a broken audit sink does not keep a key alive, and lets none be made", async () => {
    const good = setup();
    const { token, key } = await good.keys.create({ agents: ["a"] });
    const audit = { append: () => Promise.reject(new Error("disk full")) };
    const keys = new ApiKeys({
      store: good.store,
      clock: good.clock,
      peppers,
      hashing: "hmac-sha256",
      audit,
    });
    await expect(keys.revoke(key.keyId, "stolen")).rejects.toMatchObject({ code: "API_KEY_AUDIT_FAILED" });
    await expect(good.keys.verify(token.reveal())).rejects.toMatchObject(refused);
    await expect(keys.create({ agents: ["a"] })).rejects.toMatchObject({ code: "API_KEY_AUDIT_FAILED" });
    await expect(keys.rotate(key.keyId, { graceMs: 0 })).rejects.toMatchObject({ code: "API_KEY_INACTIVE" });
    expect(await keys.list({ includeRevoked: true })).toHaveLength(1);
  });

  test("wins against changes of the same record", async () => {
    const { keys, store } = setup();
    const { token, key } = await keys.create({ agents: ["a"] });
    const get = store.get.bind(store);
    let races = 0;
    store.get = (keyId) => {
      const record = get(keyId);
      if (record !== undefined && races < 3) {
        races += 1;
        void store.put({ ...record, version: record.version + 1 }, { ifVersion: record.version });
      }
      return record;
    };
    expect((await keys.revoke(key.keyId, "test")).version).toBe(5);
    await expect(keys.verify(token.reveal())).rejects.toMatchObject(refused);
  });
});

describe("importing", () => {
  const secret = "kJ8#mQ2$vX5!nR7.wZ4pL9";

  test("a foreign key verifies with an Argon2id record", async () => {
    const { keys, store } = setup();
    await keys.importKey({ keyId: "sk_live", secret, agents: ["a"] });
    expect(store.get("sk_live")?.keyHash).toMatch(/^\$argon2id\$/);
    expect(store.get("sk_live")).not.toHaveProperty("display");
    expect(await keys.verify(`sk_live.${secret}`)).toMatchObject({ keyId: "sk_live" });
    await expect(keys.verify(`sk_live.${secret}x`)).rejects.toMatchObject(refused);
    await expect(keys.importKey({ keyId: "sk_live", secret, admin: true })).rejects.toMatchObject({
      code: "API_KEY_EXISTS",
    });
  });

  test.each([
    "short",
    "a".repeat(40),
    "passwordpassword1234",
    "12345678901234567890",
    "changemechangeme-admin-1",
  ])("%s is too weak", async (weak) => {
    const work = setup().keys.importKey({ keyId: "k", secret: weak, agents: ["a"] });
    await expect(work).rejects.toMatchObject({ code: "API_KEY_WEAK_SECRET" });
  });

  test.each(["", "a.b", "x".repeat(257), "a\n", "é", "ak_0123456789AB"])(
    "the id %j is refused",
    async (keyId) => {
      await expect(setup().keys.importKey({ keyId, secret, agents: ["a"] })).rejects.toThrow(RangeError);
    },
  );

  test("a token of ours moves from another store as it is", async () => {
    const from = setup();
    const text = (await from.keys.create({ agents: ["a"] })).token.reveal();
    const { keyId, secret: part } = parseToken(text) as { keyId: string; secret: string };
    const { keys } = setup();
    await keys.importKey({ keyId, secret: part, agents: ["b"] });
    expect((await keys.verify(text)).agentScope).toEqual(["b"]);
  });
});

describe("verifiers", () => {
  test("a hash is brought up to date when its key is used", async () => {
    const { keys, store } = setup({ rehashOnVerify: true });
    const { token, key } = await setup({ hashing: "argon2id" }).keys.create({ agents: ["a"] });
    const text = token.reveal();
    const secret = parseToken(text)?.secret as string;
    const keyHash = await hash(secret, { memoryCost: 4096, timeCost: 1 });
    const base = { agentScope: ["a"], scopes: [], description: "", revoked: false, version: 1 };
    await store.put({ ...base, keyId: key.keyId, keyHash }, { ifVersion: 0 });
    await store.put({ ...base, keyId: "foreign", keyHash }, { ifVersion: 0 });
    await Promise.all([keys.verify(text), keys.verify(text), keys.verify(`foreign.${secret}`)]);
    await keys.close();
    expect(store.get(key.keyId)).toMatchObject({
      keyHash: expect.stringMatching(/^\$hmac-sha256\$k=p1\$/),
      version: 2,
    });
    expect(store.get("foreign")?.keyHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    await keys.verify(text);
    await keys.verify(`foreign.${secret}`);
    await keys.close();
    expect(store.get(key.keyId)?.version).toBe(2);
  });

  test("a pepper is replaced on use; without it the key is worth nothing", async () => {
    const { keys, store, clock } = setup();
    const { token, key } = await keys.create({ agents: ["a"] });
    const text = token.reveal();
    const next = { id: "p2", key: new Uint8Array(32).fill(2) };
    const options = { store, clock, hashing: "hmac-sha256", rehashOnVerify: true } as const;
    await expect(new ApiKeys({ ...options, peppers: [next] }).verify(text)).rejects.toMatchObject(refused);
    const both = new ApiKeys({ ...options, peppers: [next, ...peppers] });
    await both.verify(text);
    await both.close();
    expect(store.get(key.keyId)?.keyHash).toMatch(/k=p2\$/);
    await new ApiKeys({ ...options, peppers: [next] }).verify(text);
  });

  test("a remembered hash dies with its version, its hash and its time", async () => {
    const { keys, store, clock } = setup({ hashing: "argon2id", throttle: { take: () => takes() } });
    let hashes = 0;
    const takes = () => {
      hashes += 1;
      return { allowed: true, remaining: 1, retryAfterMs: 0 };
    };
    const { token, key } = await keys.create({ agents: ["a"] });
    const text = token.reveal();
    const hashesOf = async (): Promise<number> => {
      const before = hashes;
      await keys.verify(text).catch(() => undefined);
      return hashes - before;
    };
    expect(await hashesOf()).toBe(1);
    expect(await hashesOf()).toBe(0);
    clock.advance(600_000);
    expect(await hashesOf()).toBe(1);
    expect(await hashesOf()).toBe(0);
    const record = store.get(key.keyId);
    if (record === undefined) throw new Error("no record");
    await store.put({ ...record, version: 2 }, { ifVersion: 1 });
    expect(await hashesOf()).toBe(1);
    const other = await keys.create({ agents: ["a"] });
    const { keyHash } = store.get(other.key.keyId) ?? record;
    await store.put({ ...record, version: 3, keyHash }, { ifVersion: 2 });
    expect(await hashesOf()).toBe(1);
    await expect(keys.verify(text)).rejects.toMatchObject(refused);
    expect(await hashesOf()).toBe(0); // wrong ones are remembered too
    clock.advance(10_000);
    expect(await hashesOf()).toBe(1);
  });
});

describe("last use", () => {
  test("is gathered and written apart from the request", async () => {
    const { keys, store, clock } = setup();
    const { token, key } = await keys.create({ agents: ["a"] });
    const text = token.reveal();
    for (let index = 0; index < 100; index += 1) await keys.verify(text);
    expect(store.get(key.keyId)).not.toHaveProperty("lastUsedAt");
    await keys.close();
    expect(store.get(key.keyId)).toMatchObject({ lastUsedAt: clock.now(), version: 1 });
  });

  test("is written by a timer that keeps no process alive, and never fails a request", async () => {
    const { keys, store } = setup({ lastUsedMs: 5 });
    let touches = 0;
    store.touch = () => {
      touches += 1;
      return Promise.reject(new Error("read-only"));
    };
    const text = (await keys.create({ agents: ["a"] })).token.reveal();
    await keys.verify(text);
    await expect.poll(() => touches).toBe(1);
    await keys.verify(text);
    await keys.close();
    expect(touches).toBe(2);
  });
});

describe("legacy scan", () => {
  const secret = "sk-legacy-no-dot-123456";
  const until = 1_800_000_000_000 + DAY_MS;

  async function withLegacy(count: number) {
    const { keys, ...rest } = setup({ legacy: { scan: true, until, maxRecords: 3 } });
    const keyHash = await hash(secret);
    for (let index = 0; index < count; index += 1)
      await rest.store.put(
        {
          keyId: `k${index}`,
          keyHash,
          agentScope: ["a"],
          scopes: [],
          description: "",
          revoked: false,
          version: 1,
        },
        { ifVersion: 0 },
      );
    return { keys, ...rest };
  }

  test("finds a key, and forgets it when it is revoked or the time is over", async () => {
    const { keys, clock } = await withLegacy(2);
    expect(await keys.verify(secret)).toMatchObject({ keyId: "k0" });
    expect(await keys.verify(secret)).toMatchObject({ keyId: "k0" });
    await expect(keys.verify(`${secret}x`)).rejects.toMatchObject(refused);
    await keys.revoke("k0", "test");
    await expect(keys.verify(secret)).rejects.toMatchObject(refused);
    await keys.revoke("k1", "test");
    await expect(keys.verify(secret)).rejects.toMatchObject(refused);
    clock.advance(DAY_MS);
    await expect(keys.verify(secret)).rejects.toMatchObject(refused);
  });

  test("says once for each key that it was presented without its id", async () => {
    const { keys, audit, clock } = await withLegacy(2);
    for (let again = 0; again < 3; again += 1) await keys.verify(secret, { client: "192.0.2.1" });
    const scanned = {
      type: "api_key.verify",
      outcome: "success",
      actor: { kind: "agent", id: "k0", key: "k0" },
      data: { reason: "legacy_scan", client: "192.0.2.1" },
    };
    expect(audit.records).toEqual([scanned]);
    await keys.revoke("k0", "test");
    clock.advance(600_000); // what is remembered leads to k0
    await keys.verify(secret);
    const actor = { kind: "agent", id: "k1", key: "k1" };
    expect(audit.records.at(-1)).toEqual({ ...scanned, actor, data: { reason: "legacy_scan" } });
  });

  test("asks the throttle before it looks at anything", async () => {
    const { store } = await withLegacy(1);
    const take = () => ({ allowed: false, remaining: 0, retryAfterMs: 7 });
    store.list = () => Promise.reject(new Error("must not be asked"));
    const keys = new ApiKeys({
      store,
      throttle: { take },
      legacy: { scan: true, until: Date.now() + DAY_MS },
    });
    await expect(keys.verify(secret, { client: "192.0.2.1" })).rejects.toMatchObject({
      code: "API_KEY_THROTTLED",
    });
  });

  test("looks at nothing when there are more records than agreed", async () => {
    const { keys } = await withLegacy(4);
    await expect(keys.verify(secret)).rejects.toMatchObject(refused);
  });

  test("is off by default", async () => {
    const { store, clock } = await withLegacy(1);
    await expect(new ApiKeys({ store, clock }).verify(secret)).rejects.toMatchObject(refused);
  });
});

test("administrative acts are recorded before and after, with who and what", async () => {
  const { keys, audit } = setup({ auditSuccess: true });
  const actor = { kind: "user", id: "alice" } as const;
  const { token, key } = await keys.create({ agents: ["a"], actor });
  const next = await keys.rotate(key.keyId, { graceMs: 10, actor });
  await keys.revoke(key.keyId, "done", { actor });
  await keys.verify(next.token.reveal());
  await expect(keys.verify(token.reveal())).rejects.toMatchObject(refused);
  expect(audit.records.map(({ type, outcome, attempt }) => [type, outcome, attempt])).toEqual([
    ["api_key.create", "attempt", undefined],
    ["api_key.create", "success", 0],
    ["api_key.rotate", "attempt", undefined],
    ["api_key.rotate", "success", 2],
    ["api_key.revoke", "success", undefined],
    ["api_key.verify", "success", undefined],
    ["api_key.verify", "denied", undefined],
  ]);
  expect(audit.records[3]).toMatchObject({
    actor,
    resource: { kind: "api_key", id: key.keyId },
    data: { successor: next.key.keyId },
  });
});
