import { randomBytes } from "node:crypto";
import type { WrappedKey, WrappingKeyProvider } from "@symbiont/secrets";
import { vaultKvKey } from "@symbiont/secrets/key-providers/vault-kv";
import { vaultTransitKey } from "@symbiont/secrets/key-providers/vault-transit";
import { keyProviderContract } from "@symbiont/secrets/testing";
import { tokenLogin, VaultClient, type VaultOptions } from "@symbiont/secrets/vault";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { damagedCiphertext } from "./servers/fake-transit.ts";
import { errors, FakeVault } from "./servers/fake-vault.ts";
import { noVault, ROOT_TOKEN, VaultServer } from "./servers/vault-server.ts";

const REQUEST = { storeId: "00112233445566778899aabbccddeeff" };
const KEY_TEXT = randomBytes(32).toString("base64");

let fake: FakeVault;
let clients: VaultClient[];

beforeEach(async () => {
  fake = await FakeVault.start();
  fake.tokens.issue("t", 0);
  clients = [];
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await fake.close();
});

function open(options: Partial<VaultOptions> = {}): VaultClient {
  const client = new VaultClient({ address: fake.address, login: tokenLogin(() => "t"), ...options });
  clients.push(client);
  return client;
}

describe("a key in a KV entry", () => {
  test("says where it is and nothing more", () => {
    expect(vaultKvKey(open(), { path: "a/b", mount: "kv", field: "key" }).id).toBe("vault-kv:kv/a/b#key");
    expect(vaultKvKey(open(), { path: "a/b" }).id).toBe("vault-kv:secret/a/b");
  });

  test.each(["", "../a", "a//b"])("is not looked for at %j", (path) => {
    expect(() => vaultKvKey(open(), { path })).toThrow(TypeError);
  });

  test("may be a passphrase in a member of its own", async () => {
    fake.kv.put("root", { phrase: "correct horse battery" });
    const material = await vaultKvKey(open(), { path: "root", field: "phrase" }).load(REQUEST);
    expect(material).toEqual({ kind: "passphrase", passphrase: "correct horse battery" });
  });

  test.each([{ other: "x" }, { value: 7 }])("is no key when the entry holds %j", async (entry) => {
    fake.kv.put("root", entry);
    await expect(vaultKvKey(open(), { path: "root" }).load(REQUEST)).rejects.toMatchObject({
      code: "SECRET_KEY_INVALID",
    });
  });

  test("that was deleted is not taken for one that never was", async () => {
    fake.kv.put("root", { value: KEY_TEXT });
    fake.kv.deleteSoftly("root");
    await expect(vaultKvKey(open(), { path: "root" }).load(REQUEST)).rejects.toMatchObject({
      code: "SECRET_DELETED",
    });
  });

  test("of an older kind of engine is read as well", async () => {
    fake.kv.plain.set("root", { value: KEY_TEXT });
    const material = await vaultKvKey(open(), { path: "root", mount: "kv1", engine: 1 }).load(REQUEST);
    expect(material?.kind).toBe("raw");
  });
});

describe("a key that transit wraps, when transit answers oddly", () => {
  const wrapped: WrappedKey = {
    reference: { provider: "vault-transit", mount: "transit", key: "agents" },
    ciphertext: "vault:v1:AAAA",
  };
  const provider = (): WrappingKeyProvider => vaultTransitKey(open(), { key: "agents" });
  const decrypt = "POST transit/decrypt/agents";

  test.each([
    ["no key", { plaintext: "%" }, "SECRET_ANSWER_INVALID"],
    ["nothing", {}, "SECRET_ANSWER_INVALID"],
    ["31 bytes", { plaintext: Buffer.alloc(31).toString("base64") }, "SECRET_WRONG_KEY"],
  ])("with %s", async (_, data, code) => {
    fake.next(decrypt, { status: 200, json: { data } });
    await expect(provider().unwrap(wrapped, REQUEST)).rejects.toMatchObject({ code });
  });

  test.each([
    ["no ciphertext", {}],
    ["something else", { ciphertext: "AAAA" }],
    ["too much", { ciphertext: `vault:v1:${"A".repeat(5_000)}` }],
  ])("with %s", async (_, data) => {
    fake.next("GET transit/keys/agents", { status: 200, json: { data: {} } });
    fake.next("POST transit/encrypt/agents", { status: 200, json: { data } });
    await expect(provider().wrap(new Uint8Array(32), REQUEST)).rejects.toMatchObject({
      code: "SECRET_ANSWER_INVALID",
    });
  });

  test("is not sent what cannot be a ciphertext", async () => {
    for (const ciphertext of ["", "a b", "x".repeat(5_000)])
      await expect(provider().unwrap({ ...wrapped, ciphertext }, REQUEST)).rejects.toMatchObject({
        code: "SECRET_WRONG_KEY",
      });
    expect(fake.calls).toEqual([]);
  });

  test("tells a missing key from a wrong one, and both from a missing engine", async () => {
    fake.next(decrypt, errors(400, "encryption key not found"));
    await expect(provider().unwrap(wrapped, REQUEST)).rejects.toMatchObject({ code: "SECRET_KEY_MISSING" });
    fake.next(decrypt, errors(400, "cipher: message authentication failed"));
    await expect(provider().unwrap(wrapped, REQUEST)).rejects.toMatchObject({ code: "SECRET_WRONG_KEY" });
    await expect(provider().unwrap(wrapped, REQUEST)).rejects.toMatchObject({
      code: "SECRET_ANSWER_INVALID",
    });
  });

  test("is not asked to make a key by the way", async () => {
    fake.next("GET transit/keys/agents", errors(404));
    await expect(provider().wrap(new Uint8Array(32), REQUEST)).rejects.toMatchObject({
      code: "SECRET_KEY_MISSING",
    });
    expect(fake.calls).not.toContain("POST transit/encrypt/agents");
  });

  test("does without the right to look at the key", async () => {
    fake.tokens.denied = ["transit/keys"];
    fake.next("POST transit/encrypt/agents", {
      status: 200,
      json: { data: { ciphertext: "vault:v3:AAAA" } },
    });
    await expect(provider().wrap(new Uint8Array(32), REQUEST)).resolves.toEqual({
      ...wrapped,
      ciphertext: "vault:v3:AAAA",
    });
  });

  test("does not rewrap what is not its own", async () => {
    const foreign = { ...wrapped, reference: { ...wrapped.reference, key: "other" } };
    await expect(provider().rewrap?.(foreign, REQUEST)).rejects.toMatchObject({ code: "SECRET_WRONG_KEY" });
  });

  test.each([{ key: "a/b" }, { key: "" }, { key: ".." }, { key: "a", mount: "/x" }])(
    "is not made of %j",
    (options) => {
      expect(() => vaultTransitKey(open(), options)).toThrow(TypeError);
    },
  );
});

describe.skipIf(noVault !== "")(`keys in a real server${noVault}`, () => {
  let server: VaultServer;

  beforeAll(async () => {
    server = await VaultServer.start();
    await server.admin("POST", "sys/mounts/transit", { type: "transit" });
    await server.admin("POST", "transit/keys/agents", {});
    await server.admin("POST", "transit/keys/other", {});
    await server.admin("POST", "secret/data/keys/root", { data: { value: KEY_TEXT } });
  }, 90_000);
  afterAll(() => server.close());

  const real = (): VaultClient =>
    open({
      address: server.address,
      login: tokenLogin(() => ROOT_TOKEN),
      deadlineMs: 60_000,
      requestTimeoutMs: 30_000,
    });

  const transit = {
    type: "wrapping",
    open: async () => vaultTransitKey(real(), { key: "agents" }),
    damage: damagedCiphertext,
    secrets: [ROOT_TOKEN],
  } as const;
  for (const { name, run } of keyProviderContract(transit)) test(`transit: ${name}`, run);

  const kv = {
    type: "local",
    open: async () => vaultKvKey(real(), { path: "keys/root" }),
    openMissing: async () => vaultKvKey(real(), { path: "keys/none" }),
    secrets: [ROOT_TOKEN],
  } as const;
  for (const { name, run } of keyProviderContract(kv)) test(`KV: ${name}`, run);

  test("a rotated transit key opens the old ciphertext, and rewraps it until the old version is retired", async () => {
    const provider = vaultTransitKey(real(), { key: "agents" });
    const rootKey = Uint8Array.from(randomBytes(32));
    const old = await provider.wrap(rootKey, REQUEST);
    await server.admin("POST", "transit/keys/agents/rotate");
    expect(await provider.unwrap(old, REQUEST)).toEqual(rootKey);
    const next = (await provider.rewrap?.(old, REQUEST)) as WrappedKey;
    const version = (key: WrappedKey): number => Number(/^vault:v(\d+):/.exec(key.ciphertext)?.[1]);
    expect(version(next)).toBe(version(old) + 1);
    await server.admin("POST", "transit/keys/agents/config", { min_decryption_version: version(next) });
    await expect(provider.unwrap(old, REQUEST)).rejects.toMatchObject({ code: "SECRET_WRONG_KEY" });
    expect(await provider.unwrap(next, REQUEST)).toEqual(rootKey);
    await server.admin("POST", "transit/keys/agents/config", { min_decryption_version: 1 });
  });

  test("a key that another one wrapped is a wrong key, and no key is made by the way", async () => {
    const agents = vaultTransitKey(real(), { key: "agents" });
    const { ciphertext } = await vaultTransitKey(real(), { key: "other" }).wrap(new Uint8Array(32), REQUEST);
    const reference = { provider: "vault-transit", mount: "transit", key: "agents" };
    await expect(agents.unwrap({ reference, ciphertext }, REQUEST)).rejects.toMatchObject({
      code: "SECRET_WRONG_KEY",
    });
    const typo = vaultTransitKey(real(), { key: "agnets" });
    await expect(typo.wrap(new Uint8Array(32), REQUEST)).rejects.toMatchObject({
      code: "SECRET_KEY_MISSING",
    });
    const { data } = await server.admin("LIST", "transit/keys");
    expect(data.keys).toEqual(["agents", "other"]);
  });

  test("a transit key that is gone, and an engine that is not there, are told apart from a wrong key", async () => {
    const reference = { provider: "vault-transit", mount: "transit", key: "none" };
    const ciphertext = `vault:v1:${Buffer.alloc(60).toString("base64")}`;
    await expect(
      vaultTransitKey(real(), { key: "none" }).unwrap({ reference, ciphertext }, REQUEST),
    ).rejects.toMatchObject({ code: "SECRET_KEY_MISSING" });
    await expect(
      vaultTransitKey(real(), { key: "none", mount: "nowhere" }).wrap(new Uint8Array(32), REQUEST),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^SECRET_(KEY_MISSING|ANSWER_INVALID)$/) as unknown,
    });
  });
});
