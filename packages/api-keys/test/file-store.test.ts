import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { ApiKeys } from "@symbiont/api-keys";
import { FileStore } from "@symbiont/api-keys/file";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";
import { twoProcessTests } from "./two-processes.ts";

const folder = temporaryFolder();

const SYMBIONT = {
  key_id: "sk_abc123",
  key_hash: `$argon2id$v=19$m=19456,t=2,p=1$${"A".repeat(22)}$${"A".repeat(43)}`,
  agent_scope: ["5F0C5D1E-6D0B-4A57-9F0E-0D6F4D6A9B11"],
  description: "written by hand",
  created_at: "last tuesday",
  team: { of: "somebody else's tool" },
};

describe("two processes, one key file", () =>
  twoProcessTests(() => ({ kind: "file", path: folder("two.json") })));

test("the file is private, and an array that Symbiont reads", async () => {
  const path = folder("private.json");
  const keys = new ApiKeys({ store: new FileStore(path) });
  await keys.create({ agents: ["agent-a"], description: "first" });
  await keys.create({ admin: true });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const array = JSON.parse(readFileSync(path, "utf8"));
  expect(array).toHaveLength(2);
  for (const record of array) {
    expect(record).toMatchObject({ key_id: expect.stringMatching(/^ak_/), revoked: false });
    expect(record.key_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[^$]{22}\$[^$]{43}$/);
    expect(typeof record.description).toBe("string");
    expect(typeof record.created_at).toBe("string");
  }
  expect(array[0].agent_scope).toEqual(["agent-a"]);
  expect(array[1].agent_scope).toBeNull();
});

test("what we do not know stays in the file when a record changes", async () => {
  const path = folder("foreign.json");
  writeFileSync(path, JSON.stringify([SYMBIONT, { ...SYMBIONT, key_id: "other" }]), { mode: 0o600 });
  await new ApiKeys({ store: new FileStore(path) }).revoke("sk_abc123", "test");
  const [first, second] = JSON.parse(readFileSync(path, "utf8"));
  expect(first).toMatchObject({ ...SYMBIONT, revoked: true, version: 2, revoked_reason: "test" });
  expect(second).toEqual({ ...SYMBIONT, key_id: "other" });
});

test("a sweep marks expired keys as revoked, for readers that know nothing of expiry", async () => {
  const path = folder("sweep.json");
  let now = Date.now();
  const keys = new ApiKeys({ store: new FileStore(path), clock: { now: () => now } });
  const short = await keys.create({ agents: ["a"], expiresAt: now + 1000 });
  await keys.create({ agents: ["a"] });
  expect(await keys.sweep()).toBe(0);
  now += 1000;
  expect(await keys.sweep()).toBe(1);
  const revoked = JSON.parse(readFileSync(path, "utf8")).filter(({ revoked }: any) => revoked);
  expect(revoked).toMatchObject([{ key_id: short.key.keyId, revoked_reason: "expired" }]);
});

describe("a file that cannot be trusted authenticates nobody, until it is repaired", () => {
  const good = JSON.stringify([SYMBIONT]);
  const broken: Readonly<Record<string, [string, string]>> = {
    "half written": [good.slice(0, -20), "API_KEY_STORE_CORRUPT"],
    empty: ["", "API_KEY_STORE_CORRUPT"],
    "not an array": ["{}", "API_KEY_STORE_CORRUPT"],
    "an id twice": [JSON.stringify([SYMBIONT, SYMBIONT]), "API_KEY_STORE_CORRUPT"],
    "a member twice": [good.replace('"team"', '"revoked":true,"revoked"'), "API_KEY_STORE_CORRUPT"],
    "a prototype": [good.replace('"team"', '"__proto__"'), "API_KEY_STORE_CORRUPT"],
    "a scope that is no list": [JSON.stringify([{ ...SYMBIONT, agent_scope: "*" }]), "API_KEY_STORE_CORRUPT"],
    "a scope that is an empty text": [
      JSON.stringify([{ ...SYMBIONT, agent_scope: "" }]),
      "API_KEY_STORE_CORRUPT",
    ],
    "revoked as text": [JSON.stringify([{ ...SYMBIONT, revoked: "true" }]), "API_KEY_STORE_CORRUPT"],
    "an expiry that is no instant": [
      JSON.stringify([{ ...SYMBIONT, expires_at: "soon" }]),
      "API_KEY_STORE_CORRUPT",
    ],
    "no description": [good.replace("description", "describtion"), "API_KEY_STORE_CORRUPT"],
    "null in the array": [`[null,${good.slice(1)}`, "API_KEY_STORE_CORRUPT"],
    "a byte order mark": [`\ufeff${good}`, "API_KEY_STORE_CORRUPT"],
  };
  test.each(Object.entries(broken))("%s", async (name, [text, code]) => {
    const path = folder(`broken-${name}.json`);
    const store = new FileStore(path);
    const keys = new ApiKeys({ store });
    const { token } = await keys.create({ agents: ["a"] });
    const presented = token.reveal();
    await keys.verify(presented);
    const healthy = readFileSync(path);

    writeFileSync(path, text);
    for (const again of [1, 2])
      await expect(keys.verify(presented), String(again)).rejects.toMatchObject({ code });
    await expect(keys.list()).rejects.toMatchObject({ code });
    await expect(keys.create({ agents: ["a"] })).rejects.toMatchObject({ code });
    expect(readFileSync(path, "utf8")).toBe(text);

    writeFileSync(path, healthy);
    await expect(keys.verify(presented)).resolves.toMatchObject({ agentScope: ["a"] });
  });

  test.each([0o644, 0o640, 0o604, 0o660])("mode %o", async (mode) => {
    const path = folder(`mode-${mode}.json`);
    const keys = new ApiKeys({ store: new FileStore(path) });
    const presented = (await keys.create({ agents: ["a"] })).token.reveal();
    await keys.verify(presented);
    chmodSync(path, mode);
    await expect(keys.verify(presented)).rejects.toMatchObject({ code: "API_KEY_STORE_UNAVAILABLE" });
    chmodSync(path, 0o600);
    await keys.verify(presented);
  });

  test("a symbolic link", async () => {
    const path = folder("link.json");
    writeFileSync(folder("target.json"), good, { mode: 0o600 });
    symlinkSync(folder("target.json"), path);
    const keys = new ApiKeys({ store: new FileStore(path) });
    await expect(keys.verify("sk_abc123.x")).rejects.toMatchObject({ code: "API_KEY_STORE_UNAVAILABLE" });
  });

  test("larger than allowed", async () => {
    const path = folder("large.json");
    writeFileSync(path, good, { mode: 0o600 });
    const keys = new ApiKeys({ store: new FileStore(path, { maxBytes: 100 }) });
    await expect(keys.verify("sk_abc123.x")).rejects.toMatchObject({ code: "API_KEY_STORE_UNAVAILABLE" });
  });
});

test("a hash replaced by hand counts at once, though the version stands still", async () => {
  const path = folder("by-hand.json");
  const keys = new ApiKeys({ store: new FileStore(path), lastUsedMs: 0 });
  const presented = (await keys.create({ agents: ["a"] })).token.reveal();
  await keys.verify(presented);
  const [record] = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify([{ ...record, key_hash: SYMBIONT.key_hash }]));
  await expect(keys.verify(presented)).rejects.toMatchObject({ code: "API_KEY_REFUSED" });
  writeFileSync(path, JSON.stringify([record]));
  await keys.verify(presented);
});

test("no file is no keys, not an error", async () => {
  const keys = new ApiKeys({ store: new FileStore(folder("absent.json")) });
  await expect(keys.verify("sk_abc123.x")).rejects.toMatchObject({ code: "API_KEY_REFUSED" });
  expect(await keys.list()).toEqual([]);
});
