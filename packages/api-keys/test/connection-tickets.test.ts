import { type ApiKeyRecord, MemoryTicketStore, type Ticket } from "@symbiont/api-keys";
import { describe, expect, test } from "vitest";
import { ManualClock } from "./manual-clock.ts";
import { fastKeys, refused } from "./setup.ts";

const origin = "https://app.example";

test("a ticket stands for its key once, with the rights that the key has by then", async () => {
  const { keys, verified, store, reason } = fastKeys();
  const { key, keyId } = await verified({ agents: ["a", "b"], scopes: ["read"], owner: "team-a" });
  const tickets = keys.connectionTickets();
  const { ticket, ttlMs } = await tickets.issue(key, { origin });
  expect(ticket).toMatch(/^[0-9A-Za-z]{43}$/);
  expect(ttlMs).toBe(30_000);
  const connected = await tickets.redeem(ticket, { origin, agent: "b", scopes: ["read"] });
  expect(connected).toEqual(key);
  await expect(tickets.redeem(ticket, { origin })).rejects.toMatchObject(refused);
  expect(reason()).toBe("ticket_unknown");
  await keys.close();
  expect(store.get(keyId)).toHaveProperty("lastUsedAt");
});

test("every ticket is another", async () => {
  const { keys, verified } = fastKeys();
  const tickets = keys.connectionTickets();
  const { key } = await verified();
  const all = await Promise.all(Array.from({ length: 500 }, () => tickets.issue(key, { origin })));
  expect(new Set(all.map(({ ticket }) => ticket)).size).toBe(500);
});

describe("a ticket is refused like any wrong token, and gone", () => {
  test("from another origin", async () => {
    const { keys, verified, reason } = fastKeys();
    const { key } = await verified();
    const tickets = keys.connectionTickets();
    for (const [from, to] of [
      [origin, "https://evil.example"],
      [origin, null],
      [null, origin],
      [null, "null"],
      ["null", null],
    ] as const) {
      const { ticket } = await tickets.issue(key, { origin: from });
      await expect(tickets.redeem(ticket, { origin: to })).rejects.toMatchObject(refused);
      expect(reason()).toBe("ticket_origin");
      await expect(tickets.redeem(ticket, { origin: from })).rejects.toMatchObject(refused);
      expect(reason()).toBe("ticket_unknown");
    }
  });

  test("after its time", async () => {
    const { keys, clock, verified, reason } = fastKeys();
    const { key } = await verified();
    const tickets = keys.connectionTickets({ store: new MemoryTicketStore({ clock }) });
    const early = await tickets.issue(key, { origin });
    const late = await tickets.issue(key, { origin });
    clock.advance(29_999);
    await tickets.redeem(early.ticket, { origin });
    clock.advance(1);
    await expect(tickets.redeem(late.ticket, { origin })).rejects.toMatchObject(refused);
    expect(reason()).toBe("ticket_unknown");
  });

  test("when its key was revoked, has expired or was changed since", async () => {
    const { keys, clock, store, verified, reason } = fastKeys();
    const tickets = keys.connectionTickets();
    const revoked = await verified();
    const expired = await verified({ agents: ["a"], expiresAt: clock.now() + 1000 });
    const changed = await verified();
    const gone = await verified();
    const texts = new Map<string, string>();
    for (const { key, keyId } of [revoked, expired, changed, gone])
      texts.set(keyId, (await tickets.issue(key, { origin })).ticket);

    await keys.revoke(revoked.keyId, "test");
    clock.advance(1000);
    const record = store.get(changed.keyId) as ApiKeyRecord;
    await store.put({ ...record, agentScope: ["a", "b"], version: 2 }, { ifVersion: 1 });
    const get = store.get.bind(store);
    store.get = (keyId) => (keyId === gone.keyId ? undefined : get(keyId));
    for (const [keyId, why] of [
      [revoked.keyId, "revoked"],
      [expired.keyId, "expired"],
      [changed.keyId, "ticket_outdated"],
      [gone.keyId, "unknown_key"],
    ] as const) {
      await expect(tickets.redeem(texts.get(keyId) as string, { origin })).rejects.toMatchObject(refused);
      expect(reason()).toBe(why);
    }
  });

  test("when it has not the shape of one, without asking the store", async () => {
    const { keys, reason } = fastKeys();
    const take = (): never => {
      throw new Error("must not be asked");
    };
    const tickets = keys.connectionTickets({ store: { put: async () => undefined, take } });
    for (const ticket of [
      "",
      "x",
      "a".repeat(44),
      "é".repeat(43),
      `${"a".repeat(42)}\n`,
      undefined as never,
    ]) {
      await expect(tickets.redeem(ticket, { origin })).rejects.toMatchObject(refused);
      expect(reason()).toBe("ticket_unknown");
    }
  });
});

test("a key that is not good for the connection is denied, and the ticket is gone", async () => {
  const { keys, verified, reason } = fastKeys();
  const { key } = await verified({ agents: ["a"], scopes: ["read"] });
  const tickets = keys.connectionTickets();
  for (const [required, why] of [
    [{ agent: "b" }, "agent_denied"],
    [{ admin: true }, "admin_required"],
    [{ scopes: ["write"] }, "scope_missing"],
  ] as const) {
    const { ticket } = await tickets.issue(key, { origin });
    const work = tickets.redeem(ticket, { origin, ...required, client: "192.0.2.1" });
    await expect(work).rejects.toMatchObject({ code: "API_KEY_SCOPE_DENIED" });
    expect(reason()).toBe(why);
    await expect(tickets.redeem(ticket, { origin })).rejects.toMatchObject(refused);
  }
});

test("only a key that these keys verified can be traded: no copy, no look-alike, nobody else's", async () => {
  const { keys, verified } = fastKeys();
  const other = await fastKeys().verified();
  const { key, keyId } = await verified();
  const tickets = keys.connectionTickets();
  for (const wrong of [{ ...key }, structuredClone(key), { keyId, version: 1 }, other.key, null, keyId]) {
    await expect(tickets.issue(wrong as never, { origin })).rejects.toThrow(TypeError);
    await expect(keys.recheck(wrong as never)).rejects.toThrow(TypeError);
  }
});

test("an origin or a requirement that got lost is an error, not none", async () => {
  const { keys, verified } = fastKeys();
  const { key } = await verified();
  const tickets = keys.connectionTickets();
  for (const wrong of [undefined, 7, "x".repeat(257)]) {
    await expect(tickets.issue(key, { origin: wrong as never })).rejects.toThrow(TypeError);
    await expect(tickets.redeem("a".repeat(43), { origin: wrong as never })).rejects.toThrow(TypeError);
  }
  const { ticket } = await tickets.issue(key, { origin });
  await expect(tickets.redeem(ticket, { origin, agent: undefined as never })).rejects.toThrow(TypeError);
  await tickets.redeem(ticket, { origin });
});

test("the store learns neither ticket nor token, and a store that fails lets nobody in", async () => {
  const { keys, audit, verified } = fastKeys({ auditSuccess: true });
  const { key } = await verified();
  const seen: string[] = [];
  const store = {
    put: async (id: string, ticket: Ticket) => void seen.push(id, JSON.stringify(ticket)),
    take: () => Promise.reject(new Error("boom")),
  };
  const tickets = keys.connectionTickets({ store });
  const { ticket } = await tickets.issue(key, { origin });
  await expect(tickets.redeem(ticket, { origin })).rejects.toMatchObject({ code: "API_KEY_REFUSED" });
  expect([...seen, JSON.stringify(audit.records)].join()).not.toContain(ticket);
  expect(seen[0]).toMatch(/^[0-9a-f]{64}$/);
});

test("a process holds so many tickets and no more, and expired ones make room", async () => {
  const clock = new ManualClock();
  const store = new MemoryTicketStore({ maxTickets: 3, clock });
  const ticket = { keyId: "k", version: 1, origin: null };
  for (const id of ["a", "b", "c"]) await store.put(id, ticket, 1000);
  const full = { code: "API_KEY_BUSY", retryable: true, retryAfterMs: 1000 };
  await expect(store.put("d", ticket, 1000)).rejects.toMatchObject(full);
  clock.advance(1000);
  await store.put("d", ticket, 1000);
  expect(await store.take("a")).toBeUndefined();
  expect(await store.take("d")).toEqual(ticket);
  expect(() => new MemoryTicketStore({ maxTickets: 0 })).toThrow(RangeError);
  expect(() => fastKeys().keys.connectionTickets({ ttlMs: 0 })).toThrow(RangeError);
});
