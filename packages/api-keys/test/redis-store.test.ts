import { type ApiKeyStore, ApiKeys } from "@symbiont/api-keys";
import { RedisStore, RedisTicketStore } from "@symbiont/api-keys/redis";
import { apiKeyStoreContract, ticketStoreContract } from "@symbiont/api-keys/testing";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { noRedis, startRedis, type TestServer } from "../../../scripts/testing/servers.ts";
import { openStore, type StoreSpec } from "./open-store.ts";
import { twoProcessTests } from "./two-processes.ts";

describe.skipIf(noRedis !== "")(`Redis${noRedis}`, () => {
  let server: TestServer;
  const closers: (() => Promise<void>)[] = [];
  const specOf = new WeakMap<ApiKeyStore, StoreSpec>();
  let namespaces = 0;

  beforeAll(async () => {
    server = await startRedis();
  }, 60_000);
  afterEach(async () => {
    await Promise.all(closers.splice(0).map((close) => close()));
  });
  afterAll(() => server?.remove());

  async function openSpec(spec: StoreSpec): Promise<ApiKeyStore> {
    const { store, close } = openStore(spec);
    closers.push(close);
    specOf.set(store, spec);
    return store;
  }
  async function open(kind: "ioredis" | "redis"): Promise<ApiKeyStore> {
    namespaces += 1;
    return openSpec({ kind, port: server.port, namespace: `test:${namespaces}` });
  }
  const reopen = (store: ApiKeyStore): Promise<ApiKeyStore> => openSpec(specOf.get(store) as StoreSpec);

  for (const kind of ["ioredis", "redis"] as const) {
    describe(`contract with ${kind}`, () => {
      for (const { name, run } of apiKeyStoreContract(() => open(kind), reopen)) test(name, run);
    });

    describe(`two processes with ${kind}`, () =>
      twoProcessTests(() => ({ kind, port: server.port, namespace: `shared-${kind}` })));
  }

  describe("tickets", () => {
    const clientOf = (): Redis => {
      const client = new Redis(server.port, "127.0.0.1");
      closers.push(async () => client.disconnect());
      return client;
    };
    const namespaceOf = new WeakMap<object, string>();
    const openTickets = async (namespace = `tickets:${(namespaces += 1)}`): Promise<RedisTicketStore> => {
      const store = new RedisTicketStore(clientOf(), { namespace });
      namespaceOf.set(store, namespace);
      return store;
    };
    const reopenTickets = (store: object): Promise<RedisTicketStore> => openTickets(namespaceOf.get(store));
    for (const { name, run } of ticketStoreContract(() => openTickets(), reopenTickets)) test(name, run);

    test("are forgotten by Redis itself, and what is no ticket is refused", async () => {
      const client = clientOf();
      const store = new RedisTicketStore(client);
      await store.put("x", { keyId: "k", version: 1, origin: null }, 60_000);
      expect(await client.pttl("api-key-tickets:x")).toBeGreaterThan(0);
      for (const text of ["", "{", "null", "[]", '{"keyId":"k"}', '{"keyId":"k","version":1,"origin":7}']) {
        await client.set("api-key-tickets:x", text);
        await expect(store.take("x"), text).rejects.toMatchObject({ code: "API_KEY_STORE_CORRUPT" });
      }
    });
  });

  test("lists go over more ids than fit one page", async () => {
    const store = await open("ioredis");
    const base = { keyHash: "x", agentScope: null, scopes: [], description: "", version: 1 };
    const put = (index: number): Promise<void> =>
      store.put(
        { ...base, keyId: `k${String(index).padStart(4, "0")}`, revoked: index % 2 === 0 },
        { ifVersion: 0 },
      );
    await Promise.all(Array.from({ length: 450 }, (_, index) => put(index)));
    expect(await store.list({})).toHaveLength(225);
    expect((await store.list({ after: "k0300", limit: 2 })).map(({ keyId }) => keyId)).toEqual([
      "k0301",
      "k0303",
    ]);
  });

  test("a hash that does not hold what it should refuses", async () => {
    const store = await open("ioredis");
    const keys = new ApiKeys({ store, lastUsedMs: 0 });
    const { token, key } = await keys.create({ agents: ["a"] });
    const text = token.reveal();
    const client = new Redis(server.port, "127.0.0.1");
    closers.push(async () => client.disconnect());
    const name = `{test:${namespaces}}:key:${key.keyId}`;
    const good = await client.hgetall(name);
    for (const bad of [
      { record: "" },
      { record: "{" },
      { record: "null" },
      { version: "2" },
      { last_used: "soon" },
    ]) {
      await client.hset(name, { ...good, ...bad });
      await expect(keys.verify(text), JSON.stringify(bad)).rejects.toMatchObject({
        code: "API_KEY_STORE_CORRUPT",
      });
    }
    await client.hdel(name, "record");
    await expect(keys.verify(text)).rejects.toMatchObject({ code: "API_KEY_STORE_CORRUPT" });
    await client.del(name);
    await client.set(name, "another type");
    await expect(keys.verify(text)).rejects.toMatchObject({ code: "API_KEY_STORE_UNAVAILABLE" });
  });

  test("a Redis that is gone authenticates nobody, and one that comes back empty neither", async () => {
    const own = await startRedis();
    try {
      const store = await openSpec({ kind: "ioredis", port: own.port });
      const keys = new ApiKeys({ store, lastUsedMs: 0 });
      const token = (await keys.create({ agents: ["a"] })).token.reveal();
      const client = new Redis(own.port, "127.0.0.1", { maxRetriesPerRequest: 0, retryStrategy: () => 50 });
      client.on("error", () => undefined);
      closers.push(async () => client.disconnect());
      const tickets = keys.connectionTickets({ store: new RedisTicketStore(client) });
      const { ticket } = await tickets.issue(await keys.verify(token), { origin: null });
      await own.stop();
      await expect(keys.verify(token)).rejects.toMatchObject({
        code: "API_KEY_STORE_UNAVAILABLE",
        retryable: true,
      });
      await expect(tickets.redeem(ticket, { origin: null })).rejects.toMatchObject({
        code: "API_KEY_STORE_UNAVAILABLE",
      });
      await own.start();
      await expect
        .poll(() => keys.verify(token).catch((error: { code: string }) => error.code), { timeout: 10_000 })
        .toBe("API_KEY_REFUSED");
    } finally {
      await own.remove();
    }
  }, 30_000);

  test("a Redis that is slow is waited for, or refuses when the client has a limit", async () => {
    const store = await open("ioredis");
    const keys = new ApiKeys({ store, lastUsedMs: 0 });
    const token = (await keys.create({ agents: ["a"] })).token.reveal();
    await keys.verify(token);
    const admin = new Redis(server.port, "127.0.0.1");
    const impatient = new Redis(server.port, "127.0.0.1", { commandTimeout: 300 });
    closers.push(async () => {
      admin.disconnect();
      impatient.disconnect();
    });
    const namespace = `test:${namespaces}`;
    const hasty = new ApiKeys({ store: new RedisStore(impatient, { namespace }), lastUsedMs: 0 });
    await hasty.verify(token);
    await admin.client("PAUSE", 1500, "ALL");
    const waiting = keys.verify(token);
    await expect(hasty.verify(token)).rejects.toMatchObject({ code: "API_KEY_STORE_UNAVAILABLE" });
    expect(await waiting).toMatchObject({ agentScope: ["a"] });
    await hasty.verify(token);
  });

  test("with the append-only file a revocation outlives a kill", async () => {
    const own = await startRedis(["--save", "", "--appendonly", "yes", "--appendfsync", "always"]);
    try {
      const store = await openSpec({ kind: "ioredis", port: own.port });
      const keys = new ApiKeys({ store, lastUsedMs: 0 });
      const kept = (await keys.create({ agents: ["a"] })).token.reveal();
      const { token, key } = await keys.create({ agents: ["a"] });
      await keys.revoke(key.keyId, "test");
      await own.stop();
      await own.start();
      await expect
        .poll(() => keys.verify(kept).then(({ keyId }) => keyId, String), { timeout: 10_000 })
        .toMatch(/^ak_/);
      await expect(keys.verify(token.reveal())).rejects.toMatchObject({ code: "API_KEY_REFUSED" });
    } finally {
      await own.remove();
    }
  }, 30_000);
});

test.each(["", "a{b}", "a b", "a".repeat(65)])("a namespace may not be %j", (namespace) => {
  const client = { call: () => Promise.reject(new Error("must not be asked")) };
  expect(() => new RedisStore(client, { namespace })).toThrow(RangeError);
  expect(() => new RedisTicketStore(client, { namespace })).toThrow(RangeError);
});
