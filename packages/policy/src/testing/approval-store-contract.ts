import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { ApprovalEntry } from "../approvals/approval-entry.ts";
import { ApprovalError } from "../approvals/approval-error.ts";
import type { ApprovalStore } from "../approvals/approval-store.ts";

/** One promise of a contract. `run` rejects when it is not kept. */
export interface ContractCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/**
 * Everything an `ApprovalStore` promises, for any test runner:
 * `for (const { name, run } of approvalStoreContract(open)) test(name, run)`.
 * @param open gives a new, empty store each time.
 * @param reopen gives a second store over the same data, as another process would have it; without it, what needs
 * two is left out.
 */
export function approvalStoreContract(
  open: () => Promise<ApprovalStore>,
  reopen?: (store: ApprovalStore) => Promise<ApprovalStore>,
): readonly ContractCase[] {
  const single = SINGLE.map(({ name, run }) => ({ name, run: async () => run(await open()) }));
  if (reopen === undefined) return single;
  const double = DOUBLE.map(({ name, run }) => ({
    name,
    run: async () => {
      const store = await open();
      await run(store, await reopen(store));
    },
  }));
  return [...single, ...double];
}

const ENTRY: ApprovalEntry = {
  id: "0123456789abcdef0123456789abcdef",
  version: 1,
  status: "pending",
  actionHash: `sha256:${"a".repeat(64)}`,
  role: "operator",
  quorum: 2,
  principal: { kind: "agent", id: "odd '; {id} $1 \\ ünïcode 🔑" },
  action: "deploy",
  summary: { nested: [1.5, "two", null, true, { __proto__x: "'" }] },
  createdAt: 1_700_000_000_123,
  expiresAt: 1_700_000_120_123,
  votes: [],
};
const VOTED: ApprovalEntry = {
  ...ENTRY,
  version: 2,
  votes: [
    { approver: "dana", verdict: "approve", channel: "http", reason: 'why "not"', at: 1_700_000_001_000 },
  ],
};
const DONE: ApprovalEntry = { ...VOTED, version: 3, status: "approved", resolvedAt: 1_700_000_002_000 };

const SINGLE: readonly { readonly name: string; readonly run: (store: ApprovalStore) => Promise<void> }[] = [
  {
    name: "an empty store knows nothing",
    run: async (store) => {
      for (const id of ["nobody", "__proto__", ""]) strictEqual(await store.get(id), undefined);
      deepStrictEqual(await store.pending({}), []);
      strictEqual(await store.countPending(), 0);
      await store.prune(Number.MAX_SAFE_INTEGER);
    },
  },
  {
    name: "an entry comes back as it was put, whatever it holds",
    run: async (store) => {
      await store.put(ENTRY, { ifVersion: 0 });
      deepStrictEqual(plain(await store.get(ENTRY.id)), ENTRY);
      await store.put(VOTED, { ifVersion: 1 });
      deepStrictEqual(plain(await store.get(ENTRY.id)), VOTED);
      await store.put({ ...DONE, usedAt: 5 }, { ifVersion: 2 });
      deepStrictEqual(plain(await store.get(ENTRY.id)), { ...DONE, usedAt: 5 });
    },
  },
  {
    name: "a put against another version changes nothing",
    run: async (store) => {
      await conflicts(store.put(VOTED, { ifVersion: 1 }));
      await store.put(ENTRY, { ifVersion: 0 });
      await conflicts(store.put(ENTRY, { ifVersion: 0 }));
      await conflicts(store.put(DONE, { ifVersion: 2 }));
      deepStrictEqual(plain(await store.get(ENTRY.id)), ENTRY);
    },
  },
  {
    name: "of many changes of one version exactly one succeeds",
    run: async (store) => {
      await store.put(DONE, { ifVersion: 0 });
      const uses = Array.from({ length: 8 }, async (_, index) =>
        store.put({ ...DONE, version: 4, usedAt: index }, { ifVersion: 3 }),
      );
      const results = await Promise.allSettled(uses);
      strictEqual(results.filter(({ status }) => status === "fulfilled").length, 1);
      const winner = results.findIndex(({ status }) => status === "fulfilled");
      strictEqual((await store.get(DONE.id))?.usedAt, winner);
    },
  },
  {
    name: "pending entries are filtered, counted, ordered by code units and cut into pages",
    run: async (store) => {
      for (const [index, id] of ["b", "a", "C", "_"].entries())
        await store.put({ ...ENTRY, id, expiresAt: 1000 + index }, { ifVersion: 0 });
      await store.put({ ...DONE, id: "z" }, { ifVersion: 0 });
      const ids = async (query: Parameters<ApprovalStore["pending"]>[0]): Promise<string> =>
        (await store.pending(query)).map(({ id }) => id).join("");
      strictEqual(await ids({}), "C_ab");
      strictEqual(await ids({ limit: 2 }), "C_");
      strictEqual(await ids({ limit: 2, after: "_" }), "ab");
      strictEqual(await ids({ expiresUntil: 1001 }), "ab");
      strictEqual(await store.countPending(), 4);
      await store.put({ ...ENTRY, id: "own", principal: { kind: "user", id: "x:y" } }, { ifVersion: 0 });
      strictEqual(await store.countPending(ENTRY.principal), 4);
      strictEqual(await store.countPending({ kind: "user", id: "x:y" }), 1);
      strictEqual(await store.countPending({ kind: "agent", id: "x:y" }), 0);
    },
  },
  {
    name: "only what was resolved before is forgotten",
    run: async (store) => {
      await store.put({ ...DONE, id: "old", resolvedAt: 10 }, { ifVersion: 0 });
      await store.put({ ...DONE, id: "new", resolvedAt: 20 }, { ifVersion: 0 });
      await store.put({ ...ENTRY, id: "open" }, { ifVersion: 0 });
      await store.prune(20);
      strictEqual(await store.get("old"), undefined);
      strictEqual((await store.get("new"))?.id, "new");
      strictEqual((await store.get("open"))?.id, "open");
    },
  },
];

const DOUBLE: readonly {
  readonly name: string;
  readonly run: (store: ApprovalStore, other: ApprovalStore) => Promise<void>;
}[] = [
  {
    name: "what one has put the other reads at once, also after it has read before",
    run: async (store, other) => {
      await store.put(ENTRY, { ifVersion: 0 });
      for (let version = 2; version < 8; version += 1) {
        await other.get(ENTRY.id);
        await store.put({ ...ENTRY, version }, { ifVersion: version - 1 });
        strictEqual((await other.get(ENTRY.id))?.version, version);
      }
    },
  },
  {
    name: "two who use one approval do not both succeed",
    run: async (store, other) => {
      await store.put(DONE, { ifVersion: 0 });
      const used = { ...DONE, version: 4, usedAt: 1 };
      const results = await Promise.allSettled([
        store.put(used, { ifVersion: 3 }),
        other.put(used, { ifVersion: 3 }),
      ]);
      deepStrictEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    },
  },
];

async function conflicts(work: Promise<unknown>): Promise<void> {
  await rejects(work, (error) => ApprovalError.is(error) && error.code === "APPROVAL_CONFLICT");
}

/** The entry without whatever prototype a store gives it. */
function plain(entry: ApprovalEntry | undefined): unknown {
  return entry === undefined ? undefined : structuredClone(JSON.parse(JSON.stringify(entry)));
}
