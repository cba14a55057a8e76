import { fork } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { crc32 } from "node:zlib";
import { hash } from "@node-rs/argon2";
import { type ApiKeyRecord, ApiKeys, MemoryStore, parseToken } from "@symbiont/api-keys";
import { describe, expect, test } from "vitest";
import { AuditList } from "./audit-list.ts";

const peppers = [{ id: "p1", key: new Uint8Array(32).fill(1) }];
const base: Omit<ApiKeyRecord, "keyId" | "keyHash"> = {
  agentScope: ["a"],
  scopes: [],
  description: "",
  revoked: false,
  version: 1,
};

async function withRecord(keyHash: string, keyId = "k") {
  const store = new MemoryStore();
  const audit = new AuditList();
  await store.put({ ...base, keyId, keyHash }, { ifVersion: 0 });
  const keys = new ApiKeys({ store, audit, peppers });
  return { keys, store, reason: () => audit.records.at(-1)?.data?.["reason"] };
}

describe("a flood of wrong tokens", () => {
  test("runs two hashes at a time, lets 64 wait, refuses the rest, and does not touch warm keys", async () => {
    const store = new MemoryStore();
    const keys = new ApiKeys({ store });
    const good = (await keys.create({ agents: ["a"] })).token.reveal();
    const other = await keys.create({ agents: ["a"] });
    const { keyId } = other.key;
    await keys.verify(good);
    await keys.importKey({ keyId: "victim", secret: "kJ8#mQ2$vX5!nR7.wZ4pL9", agents: ["a"] });

    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 2);
    const flood = Array.from({ length: 200 }, (_, index) =>
      keys.verify(`victim.wrong-${index}`).then(
        () => "ok",
        ({ code }: { code: string }) => code,
      ),
    );
    for (let index = 0; index < 20; index += 1) {
      expect(await keys.verify(good)).toMatchObject({ agentScope: ["a"] });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const codes = await Promise.all(flood);
    clearInterval(watch);
    expect(codes.filter((code) => code === "API_KEY_REFUSED")).toHaveLength(66);
    expect(codes.filter((code) => code === "API_KEY_BUSY")).toHaveLength(134);
    // 200 buffers would be 3.8 GB, all 66 that are computed 1.2 GB; the heap of the test itself moves too.
    expect(peak - before).toBeLessThan(200e6);
    await keys.verify(other.token.reveal());
    expect(store.get(keyId)?.version).toBe(1);
  });

  test.skipIf(process.platform !== "linux")(
    "costs a process the memory of the two hashes that run, and no more",
    async () => {
      const child = fileURLToPath(new URL("./children/flood-child.ts", import.meta.url));
      const loader = new URL("../../../scripts/ts.mjs", import.meta.url).href;
      const flooded = fork(child, [], { execArgv: ["-C", "@symbiont/source", "--import", loader] });
      const [report] = (await once(flooded, "message")) as [Record<string, number>];
      expect(report).toMatchObject({ computed: 66, busy: 134 });
      const twoHashes = 2 * 19_456 * 1024;
      expect(report["grownBytes"]).toBeGreaterThan(0);
      expect(report["grownBytes"]).toBeLessThan(twoHashes + (16 << 20)); // and the heap of 200 calls
      expect(report["good"]).toBeGreaterThan(0);
    },
  );

  test("the same question asked 200 times at once is computed once", async () => {
    const keys = new ApiKeys({ store: new MemoryStore(), hashQueue: 0, hashConcurrency: 1 });
    const text = (await keys.create({ agents: ["a"] })).token.reveal();
    const answers = await Promise.all(Array.from({ length: 200 }, () => keys.verify(text)));
    expect(answers).toHaveLength(200);
  });

  test("busy and throttled can be tried again, and say when", async () => {
    const keyHash = await hash("secret");
    const store = new MemoryStore();
    await store.put({ ...base, keyId: "k", keyHash }, { ifVersion: 0 });
    const busy = new ApiKeys({ store, hashConcurrency: 1, hashQueue: 0 });
    const [, second] = await Promise.allSettled([busy.verify("k.one"), busy.verify("k.two")]);
    expect(second).toMatchObject({ reason: { code: "API_KEY_BUSY", retryable: true, retryAfterMs: 1000 } });

    const asked: string[] = [];
    const throttle = {
      take: (key: string) => {
        asked.push(key);
        return { allowed: !key.startsWith("key:"), remaining: 0, retryAfterMs: 7 };
      },
    };
    await expect(
      new ApiKeys({ store, throttle }).verify("k.secret", { client: "192.0.2.1" }),
    ).rejects.toMatchObject({ code: "API_KEY_THROTTLED", retryable: true, retryAfterMs: 7 });
    expect(asked).toEqual(["client:192.0.2.1", "key:k"]);
  });

  test.each([
    ["wrong", 1_000],
    ["right", 10_000],
  ])(
    "remembers at most so many hashes of %s tokens, the youngest",
    async (kind, most) => {
      const keyHash = await hash("secret", { memoryCost: 8, timeCost: 1, parallelism: 1 });
      const store = new MemoryStore();
      let hashes = 0;
      const take = () => {
        hashes += 1;
        return { allowed: true, remaining: 1, retryAfterMs: 0 };
      };
      const keys = new ApiKeys({ store, throttle: { take }, lastUsedMs: 0 });
      const present = (index: number): Promise<unknown> =>
        keys.verify(kind === "right" ? `k${index}.secret` : `k0.wrong-${index}`).catch(() => undefined);
      const hashesFor = async (index: number): Promise<number> => {
        const before = hashes;
        await present(index);
        return hashes - before;
      };
      for (let index = 0; index <= (kind === "right" ? most : 0); index += 1)
        await store.put({ ...base, keyId: `k${index}`, keyHash }, { ifVersion: 0 });
      expect(await hashesFor(0)).toBe(1);
      expect(await hashesFor(1)).toBe(1);
      for (let start = 2; start <= most; start += 50) {
        const indexes = Array.from({ length: Math.min(50, most + 1 - start) }, (_, index) => start + index);
        await Promise.all(indexes.map(present));
      }
      expect(hashes).toBe(most + 1);
      expect(await hashesFor(most)).toBe(0);
      expect(await hashesFor(1)).toBe(0);
      expect(await hashesFor(0)).toBe(1);
    },
    60_000,
  );

  test("a slow audit sink holds a bounded number of records, and learns how many were dropped", async () => {
    const open: (() => void)[] = [];
    const data: unknown[] = [];
    const audit = {
      append: (record: { data?: unknown }) => {
        data.push(record.data);
        return new Promise<{ sequence: number }>((resolve) => open.push(() => resolve({ sequence: 0 })));
      },
    };
    const keys = new ApiKeys({ store: new MemoryStore(), audit });
    for (let index = 0; index < 1000; index += 1) await keys.verify("no.body").catch(() => undefined);
    expect(data).toHaveLength(256);
    for (const release of open.splice(0)) release();
    await new Promise(setImmediate);
    await keys.verify("no.body").catch(() => undefined);
    expect(data.at(-1)).toEqual({ reason: "unknown_key", dropped: 744 });
  });
});

describe("a verifier that is not ours matches nothing, and nothing is computed for it", () => {
  const salt = "c29tZXNhbHRzb21lc2FsdA";
  const output = "A".repeat(43);
  test.each([
    `$argon2id$v=19$m=4194304,t=2,p=1$${salt}$${output}`,
    `$argon2id$v=19$m=65537,t=2,p=1$${salt}$${output}`,
    `$argon2id$v=19$m=19456,t=6,p=1$${salt}$${output}`,
    `$argon2id$v=19$m=19456,t=2,p=5$${salt}$${output}`,
    `$argon2id$v=19$m=19456,t=4294967295,p=1$${salt}$${output}`,
    `$argon2id$v=19$m=019456,t=2,p=1$${salt}$${output}`,
    `$argon2id$v=19$m=7,t=2,p=1$${salt}$${output}`,
    `$argon2id$v=16$m=19456,t=2,p=1$${salt}$${output}`,
    `$argon2id$m=19456,t=2,p=1$${salt}$${output}`,
    `$argon2i$v=19$m=19456,t=2,p=1$${salt}$${output}`,
    `$argon2d$v=19$m=19456,t=2,p=1$${salt}$${output}`,
    `$argon2id$v=19$m=19456,t=2,p=1$AAAA$${output}`,
    `$argon2id$v=19$m=19456,t=2,p=1$${"A".repeat(90)}$${output}`,
    `$argon2id$v=19$m=19456,t=2,p=1$${"A".repeat(13)}$${output}`,
    `$argon2id$v=19$m=19456,t=2,p=1$${salt}$${"A".repeat(86)}`,
    `$argon2id$v=19$m=19456,t=2,p=1,keyid=x$${salt}$${output}`,
    `$argon2id$v=19$m=19456,t=2,p=1$${salt}$${output}\n`,
    `$hmac-sha256$k=p1$${"A".repeat(42)}`,
    `$hmac-sha256$k=p1$${"A".repeat(42)}B`,
    `$hmac-sha256$k=$${output}`,
    "$2b$10$abcdefghijklmnopqrstuuJ1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f",
    "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
    "secret",
    "",
  ])("%j", async (keyHash) => {
    const { keys, reason } = await withRecord(keyHash);
    const before = process.memoryUsage().rss;
    await expect(keys.verify("k.secret")).rejects.toMatchObject({ code: "API_KEY_REFUSED" });
    expect(reason()).toBe("verifier_unsupported");
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  test("a secret that was not generated never passes a fast verifier, even one that fits", async () => {
    const pepper = peppers[0]?.key as Uint8Array;
    const tag = createHmac("sha256", pepper).update("api-key/1\0k\0guess").digest("base64").slice(0, 43);
    const { keys, reason } = await withRecord(`$hmac-sha256$k=p1$${tag}`);
    await expect(keys.verify("k.guess")).rejects.toMatchObject({ code: "API_KEY_REFUSED" });
    expect(reason()).toBe("secret_mismatch");
  });
});

test("a fast verifier moved to another key's record does not work there", async () => {
  const store = new MemoryStore();
  const keys = new ApiKeys({ store, hashing: "hmac-sha256", peppers });
  const mine = await keys.create({ agents: ["mine"] });
  const admin = await keys.create({ admin: true });
  const text = mine.token.reveal();
  const { keyHash } = store.get(mine.key.keyId) as ApiKeyRecord;
  const target = store.get(admin.key.keyId) as ApiKeyRecord;
  await store.put({ ...target, keyHash, version: 2 }, { ifVersion: 1 });
  const body = `${admin.key.keyId}.${parseToken(text)?.secret.slice(0, 43)}`;
  const checksum = Array.from({ length: 6 }, (_, index) => Math.floor(crc32(body) / 62 ** (5 - index)) % 62)
    .map((digit) => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".charAt(digit))
    .join("");
  expect(parseToken(body + checksum)).toMatchObject({ keyId: admin.key.keyId });
  await expect(keys.verify(body + checksum)).rejects.toMatchObject({ code: "API_KEY_REFUSED" });
  await expect(keys.verify(`${admin.key.keyId}.${parseToken(text)?.secret}`)).rejects.toMatchObject({
    code: "API_KEY_REFUSED",
  });
  await keys.verify(text);
});

test("what is revoked while its hash is computed stays outside", async () => {
  const { keys } = await withRecord(await hash("secret"));
  const verifying = keys.verify("k.secret");
  await keys.revoke("k", "race");
  await expect(verifying).rejects.toMatchObject({ code: "API_KEY_REFUSED" });
});

test("a scope that shrinks while the hash is computed is the smaller one", async () => {
  const { keys, store } = await withRecord(await hash("secret"));
  const verifying = keys.verify("k.secret", { agent: "a" });
  await store.put({ ...(store.get("k") as ApiKeyRecord), agentScope: ["b"], version: 2 }, { ifVersion: 1 });
  await expect(verifying).rejects.toMatchObject({ code: "API_KEY_SCOPE_DENIED" });
});

test.each(["__proto__", "constructor", "hasOwnProperty", "toString"])("the id %s is nobody", async (id) => {
  const { keys } = await withRecord(await hash("secret"));
  await expect(keys.verify(`${id}.secret`)).rejects.toMatchObject({ code: "API_KEY_REFUSED" });
});

test("a store, a clock or a throttle that throws lets nobody in", async () => {
  const broken = (): never => {
    throw new Error("boom");
  };
  const store = new MemoryStore();
  await store.put({ ...base, keyId: "k", keyHash: await hash("secret") }, { ifVersion: 0 });
  for (const keys of [
    new ApiKeys({ store: Object.assign(new MemoryStore(), { get: broken }) }),
    new ApiKeys({
      store: Object.assign(new MemoryStore(), { get: () => Promise.reject(new Error("boom")) }),
    }),
    new ApiKeys({ store, clock: { now: broken } }),
    new ApiKeys({ store, throttle: { take: broken } }),
    new ApiKeys({ store, throttle: { take: () => ({}) as never } }),
  ]) {
    const error: unknown = await keys.verify("k.secret").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: expect.stringMatching(/^API_KEY_(REFUSED|THROTTLED)$/) });
  }
});

test("a store that answers with another key's record lets nobody in", async () => {
  const { store } = await withRecord(await hash("secret"), "Key");
  const record = store.get("Key") as ApiKeyRecord;
  const keys = new ApiKeys({ store: Object.assign(new MemoryStore(), { get: () => record }) });
  await expect(keys.verify("key.secret")).rejects.toMatchObject({ code: "API_KEY_REFUSED" });
  await keys.verify("Key.secret");
});

test("an issued token shows itself to no printer", async () => {
  const keys = new ApiKeys({ store: new MemoryStore() });
  const issued = await keys.create({ agents: ["a"] });
  const shown = [
    inspect(issued, { depth: 9, showHidden: true }),
    JSON.stringify(issued),
    String(issued.token),
    Object.entries(issued.token).join(),
    inspect(keys, { depth: 9, showHidden: true }),
  ].join("\n");
  expect(shown).not.toContain(parseToken(issued.token.reveal())?.secret.slice(5));
});
