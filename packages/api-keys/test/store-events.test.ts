import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type ApiKeyError, ApiKeys, type StoreEvent } from "@symbiont/api-keys";
import { FileStore } from "@symbiont/api-keys/file";
import { afterEach, describe, expect, test, vi } from "vitest";
import { AuditList } from "./audit-list.ts";
import { ManualClock } from "./manual-clock.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "ok",
    (error: ApiKeyError) => error.code,
  );

let files = 0;
async function withFile(options: ConstructorParameters<typeof FileStore>[1] = {}) {
  const path = folder(`events-${(files += 1)}.json`);
  const writer = new ApiKeys({ store: new FileStore(path), lastUsedMs: 0 });
  const { token, key } = await writer.create({ agents: ["a"] });
  const store = new FileStore(path, options);
  const audit = new AuditList();
  const keys = new ApiKeys({ store, audit });
  const text = token.reveal();
  return { path, writer, store, audit, keys, text, keyId: key.keyId };
}

describe("who watches a key file", () => {
  test("learns of other content, not of a first load, a time of last use or nothing at all", async () => {
    const { store, writer, keyId } = await withFile();
    const events: StoreEvent[] = [];
    const end = store.watch((event) => events.push(event));
    const look = async (): Promise<readonly StoreEvent[]> => {
      await store.get(keyId);
      await Promise.resolve();
      return events.splice(0);
    };
    expect(await look()).toEqual([]);
    await store.touch([keyId], Date.now());
    expect(await look()).toEqual([]);
    const other = await writer.create({ agents: ["b"] });
    expect(await look()).toEqual([{ kind: "reloaded", records: 2, changed: 1 }]);
    expect(await look()).toEqual([]);
    await writer.revoke(keyId, "test");
    await writer.revoke(other.key.keyId, "test");
    expect(await look()).toEqual([{ kind: "reloaded", records: 2, changed: 2 }]);
    end();
    await writer.create({ agents: ["c"] });
    expect(await look()).toEqual([]);
  });

  test("learns once that it cannot be trusted, and that it can again", async () => {
    const { store, path, keyId } = await withFile();
    const events: StoreEvent[] = [];
    await store.get(keyId);
    store.watch((event) => events.push(event));
    const healthy = readFileSync(path);
    const ask = async (): Promise<string> => codeOf((async () => store.get(keyId))());
    writeFileSync(path, "[");
    for (let again = 0; again < 3; again += 1) expect(await ask()).toBe("API_KEY_STORE_CORRUPT");
    writeFileSync(path, healthy);
    chmodSync(path, 0o644);
    for (let again = 0; again < 3; again += 1) expect(await ask()).toBe("API_KEY_STORE_UNAVAILABLE");
    chmodSync(path, 0o600);
    expect(await ask()).toBe("ok");
    rmSync(path);
    expect(await ask()).toBe("ok");
    expect(events).toEqual([
      { kind: "rejected", code: "API_KEY_STORE_CORRUPT", staleMs: 0 },
      { kind: "rejected", code: "API_KEY_STORE_UNAVAILABLE", staleMs: 0 },
      { kind: "reloaded", records: 1, changed: 0 },
      { kind: "reloaded", records: 0, changed: 1 },
    ]);
  });

  test("is the audit sink, among others", async () => {
    const { keys, audit, path, text, writer } = await withFile({ staleMs: 5 });
    await keys.verify(text);
    await writer.create({ agents: ["b"] });
    await keys.verify(text);
    writeFileSync(path, "{}");
    await codeOf(keys.verify(text));
    const ofStore = audit.records.filter(({ type }) => type.startsWith("api_key.store_"));
    const common = {
      actor: { kind: "system", id: "api-keys" },
      resource: { kind: "api_key_store", id: "api-keys" },
    };
    expect(ofStore).toEqual([
      { ...common, type: "api_key.store_reload", outcome: "info", data: { records: 2, changed: 1 } },
      {
        ...common,
        type: "api_key.store_rejected",
        outcome: "failure",
        error: { name: "ApiKeyError", code: "API_KEY_STORE_CORRUPT" },
        data: { staleMs: 5 },
      },
    ]);
  });
});

describe("a key file that is used on while it cannot be trusted", () => {
  afterEach(() => vi.unstubAllEnvs());

  test("is the one seen last, for so long and no longer, and takes no changes", async () => {
    const clock = new ManualClock();
    const { keys, path, text, keyId } = await withFile({ staleMs: 1000, clock });
    expect(await codeOf(keys.verify(text))).toBe("ok");
    clock.advance(5000);
    expect(await codeOf(keys.verify(text))).toBe("ok");
    const healthy = readFileSync(path);
    writeFileSync(path, "[");
    clock.advance(999);
    expect(await codeOf(keys.verify(text))).toBe("ok");
    expect(await codeOf(keys.revoke(keyId, "test"))).toBe("API_KEY_STORE_CORRUPT");
    clock.advance(1);
    expect(await codeOf(keys.verify(text))).toBe("API_KEY_STORE_CORRUPT");
    clock.advance(-2000);
    expect(await codeOf(keys.verify(text))).toBe("API_KEY_STORE_CORRUPT");
    writeFileSync(path, healthy);
    expect(await codeOf(keys.verify(text))).toBe("ok");
  });

  test("is none when none was ever good, or when the file is gone", async () => {
    const { path, text } = await withFile();
    const keys = new ApiKeys({ store: new FileStore(path, { staleMs: 1e9 }) });
    const healthy = readFileSync(path);
    writeFileSync(path, "[");
    expect(await codeOf(keys.verify(text))).toBe("API_KEY_STORE_CORRUPT");
    writeFileSync(path, healthy);
    expect(await codeOf(keys.verify(text))).toBe("ok");
    rmSync(path);
    expect(await codeOf(keys.verify(text))).toBe("API_KEY_REFUSED");
  });

  test("is not to be had in production, nor for a time that is none", () => {
    expect(() => new FileStore(folder("x.json"), { staleMs: -1 })).toThrow(RangeError);
    vi.stubEnv("SYMBIONT_ENV", "production");
    expect(() => new FileStore(folder("x.json"), { staleMs: 1 })).toThrow(RangeError);
    expect(new FileStore(folder("x.json"), { staleMs: 0 })).toBeInstanceOf(FileStore);
  });
});
