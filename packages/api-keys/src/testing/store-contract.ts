import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { ApiKeyError, type ApiKeyErrorCode } from "../errors.ts";
import type { ApiKeyRecord } from "../record.ts";
import type { ApiKeyStore } from "../store.ts";
import { type Contract, type ContractCase, contractCases } from "./contract.ts";

/**
 * Everything an {@link ApiKeyStore} promises, for any test runner:
 * `for (const { name, run } of apiKeyStoreContract(open)) test(name, run)`.
 * @param open gives a new, empty store each time.
 * @param reopen gives a second store over the same data, as another process would have it; without it, what
 * needs two is left out.
 */
export function apiKeyStoreContract(
  open: () => Promise<ApiKeyStore>,
  reopen?: (store: ApiKeyStore) => Promise<ApiKeyStore>,
): readonly ContractCase[] {
  return contractCases({ single: SINGLE, double: DOUBLE }, open, reopen);
}

const FULL: ApiKeyRecord = {
  keyId: "ak_0123456789AB",
  keyHash: `$hmac-sha256$k=p1$${"A".repeat(43)}`,
  agentScope: ["agent-a", "5f0c5d1e-6d0b-4a57-9f0e-0d6f4d6a9b11"],
  scopes: ["read", "write"],
  description: 'a "key" with \\ and ünïcode 🔑',
  owner: "team-a",
  display: "ak_0123456789AB.abcd…",
  createdAt: 1_700_000_000_123,
  notBefore: 1_700_000_001_000,
  expiresAt: 1_800_000_000_999,
  revoked: false,
  version: 1,
  metadata: { nested: { list: [1, "two", null, true] } },
};

const SMALL: ApiKeyRecord = {
  keyId: "legacy",
  keyHash: "x",
  agentScope: null,
  scopes: [],
  description: "",
  createdAt: 0,
  revoked: false,
  version: 1,
};

const SINGLE: Contract<ApiKeyStore>["single"] = [
  {
    name: "an empty store knows nothing",
    run: async (store) => {
      strictEqual(await store.get("nobody"), undefined);
      strictEqual(await store.get("__proto__"), undefined);
      deepStrictEqual(await store.list({ includeRevoked: true }), []);
      await store.touch(["nobody"], 1);
      strictEqual(await store.get("nobody"), undefined);
    },
  },
  {
    name: "a record comes back as it was put, whatever it holds",
    run: async (store) => {
      const odd = { ...SMALL, keyId: "odd '; {id} %s $1 \\ *", agentScope: [] };
      for (const record of [FULL, SMALL, odd]) {
        await store.put(record, { ifVersion: 0 });
        deepStrictEqual({ ...(await store.get(record.keyId)) }, record);
      }
    },
  },
  {
    name: "ids are compared exactly",
    run: async (store) => {
      await store.put(FULL, { ifVersion: 0 });
      strictEqual(await store.get(FULL.keyId.toLowerCase()), undefined);
      strictEqual(await store.get(`${FULL.keyId} `), undefined);
    },
  },
  {
    name: "a put against another version changes nothing",
    run: async (store) => {
      await fails(store.put({ ...FULL, version: 2 }, { ifVersion: 1 }), "API_KEY_CONFLICT");
      await store.put(FULL, { ifVersion: 0 });
      await fails(store.put(FULL, { ifVersion: 0 }), "API_KEY_CONFLICT");
      await fails(store.put({ ...FULL, version: 3 }, { ifVersion: 2 }), "API_KEY_CONFLICT");
      deepStrictEqual({ ...(await store.get(FULL.keyId)) }, FULL);
      const { owner: _, ...without } = FULL;
      await store.put({ ...without, version: 2 }, { ifVersion: 1 });
      deepStrictEqual({ ...(await store.get(FULL.keyId)) }, { ...without, version: 2 });
    },
  },
  {
    name: "of many changes of one version exactly one succeeds",
    run: async (store) => {
      await store.put(FULL, { ifVersion: 0 });
      const changes = Array.from({ length: 8 }, (_, index) =>
        store.put({ ...FULL, version: 2, description: String(index) }, { ifVersion: 1 }),
      );
      const results = await Promise.allSettled(changes);
      strictEqual(results.filter(({ status }) => status === "fulfilled").length, 1);
      const winner = results.findIndex(({ status }) => status === "fulfilled");
      strictEqual((await store.get(FULL.keyId))?.description, String(winner));
    },
  },
  {
    name: "last use goes forward only, leaves the version alone and survives a put",
    run: async (store) => {
      await store.put(FULL, { ifVersion: 0 });
      await store.touch([FULL.keyId, "nobody"], 1_700_000_100_000);
      await store.touch([FULL.keyId], 1_700_000_050_000);
      deepStrictEqual({ ...(await store.get(FULL.keyId)) }, { ...FULL, lastUsedAt: 1_700_000_100_000 });
      await store.put({ ...FULL, version: 2 }, { ifVersion: 1 });
      strictEqual((await store.get(FULL.keyId))?.lastUsedAt, 1_700_000_100_000);
      await store.put({ ...FULL, version: 3, lastUsedAt: 1_700_000_000_000 }, { ifVersion: 2 });
      strictEqual((await store.get(FULL.keyId))?.lastUsedAt, 1_700_000_100_000);
      await store.put({ ...FULL, version: 4, lastUsedAt: 1_700_000_200_000 }, { ifVersion: 3 });
      strictEqual((await store.get(FULL.keyId))?.lastUsedAt, 1_700_000_200_000);
    },
  },
  {
    name: "a revoked key is not touched",
    run: async (store) => {
      const revoked = { ...FULL, revoked: true, revokedAt: 1_700_000_200_000, revokedReason: "lost" };
      await store.put(revoked, { ifVersion: 0 });
      await store.touch([FULL.keyId], 1_700_000_300_000);
      deepStrictEqual({ ...(await store.get(FULL.keyId)) }, revoked);
    },
  },
  {
    name: "lists are filtered, ordered by code units and cut into pages",
    run: async (store) => {
      const records: ApiKeyRecord[] = [
        { ...SMALL, keyId: "B", owner: "x", agentScope: ["one"] },
        { ...SMALL, keyId: "a", owner: "y", agentScope: ["one", "two"], expiresAt: 5_000 },
        { ...SMALL, keyId: "_", agentScope: null },
        { ...SMALL, keyId: "c", owner: "x", agentScope: [], revoked: true },
        { ...SMALL, keyId: "Z", agentScope: ["5f0c5d1e-6d0b-4a57-9f0e-0d6f4d6a9b11"], expiresAt: 9_000 },
      ];
      for (const record of records) await store.put(record, { ifVersion: 0 });
      const ids = async (query: Parameters<ApiKeyStore["list"]>[0]): Promise<string> =>
        (await store.list(query)).map(({ keyId }) => keyId).join("");
      strictEqual(await ids({}), "BZ_a");
      strictEqual(await ids({ includeRevoked: true }), "BZ_ac");
      strictEqual(await ids({ owner: "x" }), "B");
      strictEqual(await ids({ agent: "two" }), "_a");
      strictEqual(await ids({ agent: "5F0C5D1E-6D0B-4A57-9F0E-0D6F4D6A9B11" }), "Z_");
      strictEqual(await ids({ expiresBefore: 9_000 }), "a");
      strictEqual(await ids({ limit: 2 }), "BZ");
      strictEqual(await ids({ limit: 2, after: "Z" }), "_a");
    },
  },
];

const DOUBLE: Contract<ApiKeyStore>["double"] = [
  {
    name: "what one has put the other reads at once, also after it has read before",
    run: async (store, other) => {
      await store.put(FULL, { ifVersion: 0 });
      for (let version = 2; version < 12; version += 1) {
        await other.get(FULL.keyId);
        await store.put({ ...FULL, version, revoked: version === 11 }, { ifVersion: version - 1 });
        const seen = await other.get(FULL.keyId);
        deepStrictEqual([seen?.version, seen?.revoked], [version, version === 11]);
      }
    },
  },
  {
    name: "two who change one version do not both succeed",
    run: async (store, other) => {
      await store.put(FULL, { ifVersion: 0 });
      const next = { ...FULL, version: 2 };
      const results = await Promise.allSettled([
        store.put(next, { ifVersion: 1 }),
        other.put(next, { ifVersion: 1 }),
      ]);
      deepStrictEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    },
  },
];

async function fails(work: Promise<unknown>, code: ApiKeyErrorCode): Promise<void> {
  await rejects(work, (error) => ApiKeyError.is(error) && error.code === code);
}
