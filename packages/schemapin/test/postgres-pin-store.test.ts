import type { ManagedPinStore } from "@symbiont/schemapin";
import { migratePins, PostgresPinStore, postgresPinSchema } from "@symbiont/schemapin/postgres";
import { pinStoreContract } from "@symbiont/schemapin/testing";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noPostgres, startPostgres, type TestServer } from "../../../scripts/testing/servers.ts";

const refused = (code: string) => expect.objectContaining({ code }) as Error;
const id = { kind: "tool", domain: "x.example", subject: "t" } as const;

describe.skipIf(noPostgres !== "")(`PostgreSQL${noPostgres}`, () => {
  let server: TestServer;
  let pool: Pool;
  let tables = 0;
  const tableOf = new WeakMap<ManagedPinStore, string>();
  beforeAll(async () => {
    server = await startPostgres();
    pool = new Pool({ host: "127.0.0.1", port: server.port, user: "test", database: "postgres", max: 8 });
    pool.on("error", () => undefined);
  }, 60_000);
  afterAll(async () => {
    await pool?.end();
    await server?.remove();
  });

  async function open(): Promise<ManagedPinStore> {
    tables += 1;
    const table = `pins_${tables}`;
    await migratePins(pool, { table });
    const store = new PostgresPinStore(pool, { table });
    tableOf.set(store, table);
    return store;
  }
  const reopen = async (store: ManagedPinStore): Promise<ManagedPinStore> =>
    new PostgresPinStore(pool, { table: tableOf.get(store) as string });
  for (const { name, run } of pinStoreContract(open, reopen)) test(name, run);

  test("any number of processes may migrate at once, and again", async () => {
    await Promise.all(Array.from({ length: 8 }, async () => migratePins(pool)));
    await pool.query(postgresPinSchema());
    expect(await new PostgresPinStore(pool).list()).toEqual([]);
  });

  test("a row that somebody else wrote is corrupt, not absent", async () => {
    const store = await open();
    const table = tableOf.get(store);
    for (const pin of ["{}", "x", '{"digest":"sha256:00","firstSeen":1,"trust":"tofu"}']) {
      await pool.query(`insert into ${table} values ($1, $2) on conflict (id) do update set pin = $2`, [
        JSON.stringify(["tool", "x.example", "t"]),
        pin,
      ]);
      await expect(store.get(id)).rejects.toThrow(refused("SCHEMAPIN_PIN_STORE_CORRUPT"));
      await expect(store.list()).rejects.toThrow(refused("SCHEMAPIN_PIN_STORE_CORRUPT"));
    }
  });

  test("a database that cannot be asked throws", async () => {
    const store = new PostgresPinStore(pool, { table: "absent" });
    await expect(store.get(id)).rejects.toThrow(refused("SCHEMAPIN_PIN_STORE_UNAVAILABLE"));
    const broken = { query: async () => Promise.reject(new Error("gone")) };
    await expect(migratePins(broken)).rejects.toThrow(refused("SCHEMAPIN_PIN_STORE_UNAVAILABLE"));
  });

  test("a table name that is not plain is refused", () => {
    expect(() => new PostgresPinStore(pool, { table: 'x"; drop table y' })).toThrow(RangeError);
  });
});
