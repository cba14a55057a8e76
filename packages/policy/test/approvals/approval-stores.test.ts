import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApprovalDesk, type ApprovalStore, MemoryApprovalStore } from "@symbiont/policy/approvals";
import { FileApprovalStore } from "@symbiont/policy/approvals/file";
import { approvalSchema, migrateApprovals, PostgresApprovalStore } from "@symbiont/policy/approvals/postgres";
import { approvalStoreContract } from "@symbiont/policy/testing";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { noPostgres, startPostgres, type TestServer } from "../../../../scripts/testing/servers.ts";
import { HASH, never, question } from "./fixtures.ts";

describe("MemoryApprovalStore", () => {
  for (const { name, run } of approvalStoreContract(async () => new MemoryApprovalStore())) test(name, run);
});

describe("FileApprovalStore", () => {
  let folder = "";
  let count = 0;
  const paths = new WeakMap<ApprovalStore, string>();
  const open = async (): Promise<ApprovalStore> => at(join(folder, `${count++}.json`));
  const at = (path: string): ApprovalStore => {
    const store = new FileApprovalStore(path);
    paths.set(store, path);
    return store;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "approvals-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const { name, run } of approvalStoreContract(open, async (store) => at(paths.get(store) as string)))
    test(name, run);

  test.each<[string, string]>([
    ["no JSON", "[{"],
    ["no list", "{}"],
    ["a list of something else", '[{"id":"x"}]'],
    ["nothing", ""],
  ])("a file that holds %s is corrupt, not empty", async (_, text) => {
    const path = join(folder, "a.json");
    writeFileSync(path, text, { mode: 0o600 });
    const store = new FileApprovalStore(path);
    const corrupt = { code: "APPROVAL_STORE_CORRUPT" };
    await expect(store.get("x")).rejects.toMatchObject(corrupt);
    await expect(store.countPending()).rejects.toMatchObject(corrupt);
  });

  test("an entry that is resolved and pending at once is corrupt", async () => {
    const path = join(folder, "a.json");
    const desk = new ApprovalDesk({
      store: new FileApprovalStore(path),
      roles: { operator: { approvers: ["dana"] } },
      audit: "none",
    });
    const entry = await desk.submit({ ...question(), deadline: Date.now() + 60_000 });
    writeFileSync(path, JSON.stringify([{ ...entry, resolvedAt: 5 }]), { mode: 0o600 });
    await expect(
      desk.vote(entry.id, { approver: "dana", verdict: "approve", channel: "t" }),
    ).rejects.toMatchObject({
      code: "APPROVAL_STORE_CORRUPT",
    });
  });

  test("a file that others may read is not used", async () => {
    const path = join(folder, "a.json");
    writeFileSync(path, "[]", { mode: 0o600 });
    chmodSync(path, 0o644);
    await expect(new FileApprovalStore(path).get("x")).rejects.toMatchObject({
      code: "APPROVAL_STORE_UNAVAILABLE",
    });
  });
});

describe.skipIf(noPostgres !== "")(`PostgresApprovalStore${noPostgres}`, () => {
  let server: TestServer;
  let pool: pg.Pool;
  let count = 0;
  const tables = new WeakMap<ApprovalStore, string>();
  const at = (table: string): ApprovalStore => {
    const store = new PostgresApprovalStore(pool, { table });
    tables.set(store, table);
    return store;
  };
  const open = async (): Promise<ApprovalStore> => {
    const table = `approvals_${count++}`;
    await migrateApprovals(pool, { table });
    return at(table);
  };
  beforeAll(async () => {
    server = await startPostgres();
    pool = new pg.Pool({ host: "127.0.0.1", port: server.port, user: "test", database: "postgres" });
    pool.on("error", () => undefined);
  }, 60_000);
  afterAll(async () => {
    await pool.end();
    await server.remove();
  });

  for (const { name, run } of approvalStoreContract(open, async (store) => at(tables.get(store) as string)))
    test(name, run);

  test("can be migrated by many at once, and again", async () => {
    const table = "migrated";
    await Promise.all(Array.from({ length: 5 }, async () => migrateApprovals(pool, { table })));
    expect(approvalSchema({ table }).join()).toContain('"migrated"');
    await at(table).put({ ...(await anEntry()), id: "x" }, { ifVersion: 0 });
  });

  test("takes only a plain table name", () => {
    expect(() => new PostgresApprovalStore(pool, { table: 'a"; drop table b; --' })).toThrow(RangeError);
  });

  test("a row that is no entry is corrupt, and a server that is away is unavailable, then back", async () => {
    const store = await open();
    await pool.query(
      `insert into "${tables.get(store)}" values ('bad', 1, 'pending', 'agent:a', 5, null, '{"id":"bad"}')`,
    );
    await expect(store.get("bad")).rejects.toMatchObject({ code: "APPROVAL_STORE_CORRUPT" });
    await server.stop();
    await expect(store.get("x")).rejects.toMatchObject({
      code: "APPROVAL_STORE_UNAVAILABLE",
      retryable: true,
    });
    await server.start();
    expect(await store.get("x")).toBeUndefined();
  });

  test("two desks over one database: one asks, the other answers, and the approval is good once", async () => {
    const store = await open();
    const desk = (over: ApprovalStore) =>
      new ApprovalDesk({
        store: over,
        roles: { operator: { approvers: ["dana"] } },
        audit: "none",
        pollMs: 10,
      });
    const [asking, answering] = [desk(store), desk(at(tables.get(store) as string))];
    const asked = asking.ask({ ...question(), deadline: Date.now() + 20_000 }, never);
    let id: string | undefined;
    while (id === undefined) id = (await answering.list("dana"))[0]?.id;
    await answering.vote(id, { approver: "dana", verdict: "approve", channel: "t", actionHash: HASH });
    expect((await asked).approved).toBe(true);
    await expect(answering.wait(id, HASH, never)).rejects.toMatchObject({ code: "APPROVAL_USED" });
  });
});

async function anEntry() {
  const store = new MemoryApprovalStore();
  const roles = { operator: { approvers: ["dana"] } };
  return new ApprovalDesk({ store, roles, audit: "none" }).submit({
    ...question(),
    deadline: Date.now() + 1000,
  });
}
