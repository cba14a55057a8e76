import { writeFileSync } from "node:fs";
import {
  type CallOptions,
  memoryStore,
  type Secret,
  SecretError,
  type SecretStore,
  type SetOptions,
} from "@symbiont/secrets";
import { SecretFile } from "@symbiont/secrets/file";
import { migrateSecrets, readSymbiontStore } from "@symbiont/secrets/symbiont";
import { describe, expect, onTestFinished, test } from "vitest";
import { AuditList } from "./audit-list.ts";
import { temporaryFile } from "./temporary-directory.ts";
import { rawKey } from "./test-keys.ts";

async function legacy(values: Record<string, unknown>): Promise<ReadonlyMap<string, Secret>> {
  const path = temporaryFile("legacy.json");
  writeFileSync(path, JSON.stringify(values), { mode: 0o600 });
  return readSymbiontStore(path, { keyProvider: "none" });
}

async function fileTarget(): Promise<SecretFile> {
  const file = await SecretFile.create(temporaryFile(), { keyProviders: [rawKey()] });
  onTestFinished(() => file.close());
  return file;
}

async function valuesOf(store: SecretStore): Promise<Record<string, string>> {
  const secrets = await store.getMany(await store.list(), { allowExpired: true });
  return Object.fromEntries([...secrets].map(([name, secret]) => [name, secret.expose()]));
}

describe.each(["file", "memory"] as const)("into a store of kind %s", (kind) => {
  const open = async (): Promise<{ target: SecretStore | SecretFile; store: SecretStore }> => {
    const target = kind === "file" ? await fileTarget() : memoryStore();
    return { target, store: "store" in target ? target.store : target };
  };

  test("every secret arrives, and only names are told", async () => {
    const { target, store } = await open();
    const source = await legacy({ a: "1", "b/c": "välue", empty: "" });
    const told = await migrateSecrets(source, target, { rename: (name) => `old/${name}` });
    expect(told).toEqual({ created: ["old/a", "old/b/c", "old/empty"], replaced: [] });
    expect(await valuesOf(store)).toEqual({ "old/a": "1", "old/b/c": "välue", "old/empty": "" });
    expect(source.get("a")?.expose()).toBe("1");
  });

  test("one that is there stops everything, unless told otherwise", async () => {
    const { target, store } = await open();
    await store.set("b", "ours");
    const source = await legacy({ a: "1", b: "2" });
    await expect(migrateSecrets(source, target)).rejects.toMatchObject({
      code: "SECRET_CONFLICT",
      secret: "b",
    });
    expect(await valuesOf(store)).toEqual({ b: "ours" });
    const told = await migrateSecrets(source, target, { overwrite: true });
    expect(told).toEqual({ created: ["a"], replaced: ["b"] });
    expect(await valuesOf(store)).toEqual({ a: "1", b: "2" });
  });

  test("a name that is not allowed here stops everything", async () => {
    const { target, store } = await open();
    for (const name of ["", "/x", "a//b", "..", "a\nb"])
      await expect(migrateSecrets(await legacy({ a: "1", [name]: "2" }), target)).rejects.toMatchObject({
        code: "SECRET_NAME_INVALID",
      });
    const source = await legacy({ a: "1", b: "2" });
    await expect(migrateSecrets(source, target, { rename: () => "same" })).rejects.toMatchObject({
      code: "SECRET_NAME_INVALID",
    });
    expect(await store.list()).toEqual([]);
  });
});

test("a secret file takes all in one generation", async () => {
  const file = await fileTarget();
  const before = await file.store.list();
  expect(before).toEqual([]);
  await migrateSecrets(
    await legacy(Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`n${n}`, `${n}`]))),
    file,
  );
  expect(await file.store.list()).toHaveLength(300);
});

/** A store that fails when a certain secret is set, and perhaps when anything is taken back. */
function failingAt(store: SecretStore, name: string, undoFails = false): SecretStore {
  return {
    get: (...args) => store.get(...args),
    has: (...args) => store.has(...args),
    metadata: (...args) => store.metadata(...args),
    set: async (which: string, value: string | Uint8Array, options?: SetOptions) => {
      if (which === name) throw new SecretError("SECRET_UNAVAILABLE", "down");
      return store.set(which, value, options);
    },
    delete: async (which: string, options?: CallOptions) => {
      if (undoFails) throw new SecretError("SECRET_UNAVAILABLE", "down");
      return store.delete(which, options);
    },
  } as SecretStore;
}

test("when a store fails half-way, what was written is taken back", async () => {
  const store = memoryStore();
  await store.set("b", "ours", { notes: { owner: "us" }, expiresAt: 1 });
  const source = await legacy({ a: "1", b: "2", c: "3", d: "4" });
  const failed = migrateSecrets(source, failingAt(store, "c"), { overwrite: true });
  await expect(failed).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE", secret: "c" });
  expect(await valuesOf(store)).toEqual({ b: "ours" });
  expect(await store.metadata("b")).toMatchObject({ notes: { owner: "us" }, expiresAt: 1 });
});

test("what cannot be taken back is named", async () => {
  const store = memoryStore();
  const failed = migrateSecrets(await legacy({ a: "1", b: "2" }), failingAt(store, "b", true));
  await expect(failed).rejects.toThrow(/left behind: a$/);
});

test("bytes that are not text arrive as they are", async () => {
  const source = memoryStore();
  await source.set("bytes", Uint8Array.of(0, 255));
  const store = memoryStore();
  await migrateSecrets(await source.getMany(["bytes"]), store);
  expect((await store.get("bytes")).equals(Uint8Array.of(0, 255))).toBe(true);
});

test("a write whose outcome could not be recorded may have happened, which is said", async () => {
  const audit = new AuditList();
  audit.refuse = ["success"];
  const store = memoryStore({ audit });
  const audited = { ...failingAt(store, ""), has: async () => false };
  const failed = migrateSecrets(await legacy({ a: "1" }), audited);
  await expect(failed).rejects.toMatchObject({ code: "SECRET_AUDIT_FAILED", secret: "a" });
  await expect(failed).rejects.toThrow(/^a secret could not be written, or not for certain; of the others/);
});

test("handles of what is replaced are disposed of, whatever comes of it", async () => {
  const held: Secret[] = [];
  const store = memoryStore();
  await store.set("a", "ours");
  const watched = {
    ...failingAt(store, ""),
    get: async (name: string) => {
      const secret = await store.get(name);
      held.push(secret);
      return secret;
    },
  };
  await migrateSecrets(await legacy({ a: "1" }), watched, { overwrite: true });
  await expect(
    migrateSecrets(await legacy({ a: "1", b: "2" }), failingAt(watched, "b"), { overwrite: true }),
  ).rejects.toThrow();
  expect(held).toHaveLength(2);
  for (const secret of held) expect(() => secret.expose()).toThrow("disposed of");
});
