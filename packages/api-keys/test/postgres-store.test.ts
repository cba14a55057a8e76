import { type ApiKeyStore, ApiKeys } from "@symbiont/api-keys";
import {
  migrate,
  migrateTickets,
  PostgresStore,
  PostgresTicketStore,
  postgresSchema,
  postgresTicketSchema,
} from "@symbiont/api-keys/postgres";
import { apiKeyStoreContract, ticketStoreContract } from "@symbiont/api-keys/testing";
import type { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noPostgres, startPostgres, type TestServer } from "../../../scripts/testing/servers.ts";
import { openPool } from "./open-store.ts";
import { twoProcessTests } from "./two-processes.ts";

describe.skipIf(noPostgres !== "")(`PostgreSQL${noPostgres}`, () => {
  let server: TestServer;
  let pool: Pool;
  let tables = 0;
  const tableOf = new WeakMap<ApiKeyStore, string>();

  beforeAll(async () => {
    server = await startPostgres();
    pool = openPool(server.port);
  }, 60_000);
  afterAll(async () => {
    await pool?.end();
    await server?.remove();
  });

  async function open(): Promise<ApiKeyStore> {
    tables += 1;
    const table = `keys_${tables}`;
    await migrate(pool, { table });
    const store = new PostgresStore(pool, { table });
    tableOf.set(store, table);
    return store;
  }
  const reopen = async (store: ApiKeyStore): Promise<ApiKeyStore> =>
    new PostgresStore(pool, { table: tableOf.get(store) as string });

  describe("contract", () => {
    for (const { name, run } of apiKeyStoreContract(open, reopen)) test(name, run);
  });

  describe("two processes", () => {
    beforeAll(() => migrate(pool, { table: "shared" }));
    twoProcessTests(() => ({ kind: "postgres", port: server.port, table: "shared" }));
  });

  describe("tickets", () => {
    const ticketTableOf = new WeakMap<object, string>();
    const openTickets = async (table = `tickets_${(tables += 1)}`): Promise<PostgresTicketStore> => {
      await migrateTickets(pool, { table });
      const store = new PostgresTicketStore(pool, { table });
      ticketTableOf.set(store, table);
      return store;
    };
    const reopenTickets = (store: object): Promise<PostgresTicketStore> =>
      openTickets(ticketTableOf.get(store));
    for (const { name, run } of ticketStoreContract(() => openTickets(), reopenTickets)) test(name, run);

    test("that nobody takes are cleared away by those that come after", async () => {
      await Promise.all(Array.from({ length: 4 }, () => migrateTickets(pool)));
      for (const statement of postgresTicketSchema()) await pool.query(statement);
      const store = new PostgresTicketStore(pool);
      const ticket = { keyId: "k", version: 1, origin: null };
      for (let index = 0; index < 15; index += 1) await store.put(`old-${index}`, ticket, 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await store.put("new-1", ticket, 60_000);
      await store.put("new-2", ticket, 60_000);
      const { rows } = await pool.query("select id from api_key_tickets order by id");
      expect(rows).toEqual([{ id: "new-1" }, { id: "new-2" }]);
    });
  });

  test("any number of processes may migrate at once, and again", async () => {
    await Promise.all(Array.from({ length: 8 }, () => migrate(pool, { table: "together" })));
    await migrate(pool, { table: "together" });
    for (const statement of postgresSchema({ table: "together" })) await pool.query(statement);
    const { rows } = await pool.query("select indexdef from pg_indexes where tablename = 'together'");
    expect(rows.map(({ indexdef }) => indexdef).join("\n")).toContain("WHERE (NOT revoked)");
  });

  test("a lookup is one read by primary key", async () => {
    await open();
    const { rows } = await pool
      .query(
        `set enable_seqscan = off; explain select to_jsonb(k)::text from keys_${tables} k where key_id = 'x'`,
      )
      .then((results) => (results as unknown as { rows: object[] }[])[1] as { rows: object[] });
    expect(JSON.stringify(rows)).toContain(`Index Scan using keys_${tables}_pkey`);
  });

  test("a record that an operator broke refuses, and only that one", async () => {
    const store = await open();
    const keys = new ApiKeys({ store });
    const bad = await keys.create({ agents: ["a"] });
    const good = await keys.create({ agents: ["a"] });
    const update = `update ${tableOf.get(store)} set expires_at = 'infinity' where key_id = $1`;
    await pool.query(update, [bad.key.keyId]);
    await expect(keys.verify(bad.token.reveal())).rejects.toMatchObject({ code: "API_KEY_STORE_CORRUPT" });
    await keys.verify(good.token.reveal());
  });

  test("a database that is slow is waited for, or refuses when the client has a limit", async () => {
    const store = await open();
    const keys = new ApiKeys({ store, lastUsedMs: 0 });
    const token = (await keys.create({ agents: ["a"] })).token.reveal();
    await keys.verify(token);
    const table = tableOf.get(store) as string;
    const impatient = openPool(server.port, { query_timeout: 500 });
    const blocker = await pool.connect();
    try {
      const hasty = new ApiKeys({ store: new PostgresStore(impatient, { table }), lastUsedMs: 0 });
      await blocker.query(`begin; lock table ${table} in access exclusive mode`);
      const waiting = keys.verify(token);
      await expect(hasty.verify(token)).rejects.toMatchObject({ code: "API_KEY_STORE_UNAVAILABLE" });
      await blocker.query("commit");
      expect(await waiting).toMatchObject({ agentScope: ["a"] });
      await hasty.verify(token);
    } finally {
      blocker.release();
      await impatient.end();
    }
  });

  test("a database that comes back empty authenticates nobody, warm caches or not", async () => {
    const store = await open();
    const keys = new ApiKeys({ store, lastUsedMs: 0 });
    const token = (await keys.create({ agents: ["a"] })).token.reveal();
    await keys.verify(token);
    await pool.query(`truncate ${tableOf.get(store)}`);
    await expect(keys.verify(token)).rejects.toMatchObject({ code: "API_KEY_REFUSED" });
  });

  test("a database that is gone authenticates nobody, warm caches or not", async () => {
    const keys = new ApiKeys({ store: await open(), lastUsedMs: 0 });
    const token = (await keys.create({ agents: ["a"] })).token.reveal();
    await keys.verify(token);
    await server.stop();
    await expect(keys.verify(token)).rejects.toMatchObject({
      code: "API_KEY_STORE_UNAVAILABLE",
      retryable: true,
    });
    await server.start();
    await expect.poll(() => keys.verify(token).then(({ keyId }) => keyId, String)).toMatch(/^ak_/);
  }, 60_000);
});

test.each(["", "Keys", "keys; drop table x", 'k"', "1keys", "a".repeat(64), "schema.keys"])(
  "a table may not be called %j",
  async (table) => {
    const client = { query: () => Promise.reject(new Error("must not be asked")) };
    expect(() => new PostgresStore(client, { table })).toThrow(RangeError);
    expect(() => postgresSchema({ table })).toThrow(RangeError);
    expect(() => new PostgresTicketStore(client, { table })).toThrow(RangeError);
    expect(() => postgresTicketSchema({ table })).toThrow(RangeError);
    await expect(migrate(client, { table })).rejects.toThrow(RangeError);
  },
);
