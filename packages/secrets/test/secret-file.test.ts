import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hashRaw } from "@node-rs/argon2";
import { type KeyProvider, type LocalKeyProvider, Secret, SecretError } from "@symbiont/secrets";
import { SecretFile, type SecretFileOptions } from "@symbiont/secrets/file";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { StorePath } from "../src/file/internal/store-path.ts";
import { AuditList } from "./audit-list.ts";
import { bundledChild } from "./bundled-child.ts";
import { temporaryDirectory, temporaryFile } from "./temporary-directory.ts";
import { localKey, passphrase, rawKey, rawKeyOf, WrappingService } from "./test-keys.ts";

vi.mock("@node-rs/argon2", async (load) => {
  const actual = await load<typeof import("@node-rs/argon2")>();
  return { ...actual, hashRaw: vi.fn(actual.hashRaw) };
});

const writeOften = bundledChild("write-often");
const CHEAP = { memoryKiB: 19_456, passes: 2, lanes: 1 };

beforeEach(() => void vi.mocked(hashRaw).mockClear());

async function create(path: string, options: Partial<SecretFileOptions> = {}): Promise<SecretFile> {
  return closed(await SecretFile.create(path, { keyProviders: [rawKey()], argon2: CHEAP, ...options }));
}

async function open(path: string, options: Partial<SecretFileOptions> = {}): Promise<SecretFile> {
  return closed(await SecretFile.open(path, { keyProviders: [rawKey()], argon2: CHEAP, ...options }));
}

function closed(file: SecretFile): SecretFile {
  onTestFinished(() => file.close());
  return file;
}

function refusal(code: string): object {
  return { name: "SecretError", code };
}

async function opensWith(path: string, ...keyProviders: KeyProvider[]): Promise<boolean> {
  try {
    await open(path, { keyProviders });
    return true;
  } catch (error) {
    if (SecretError.is(error) && error.code === "SECRET_WRONG_KEY") return false;
    throw error;
  }
}

describe("creating and opening", () => {
  test("a new store is a private file of three lines, and empty", async () => {
    const path = temporaryFile();
    const file = await create(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toMatch(/^secrets-store\/1\n\{"id":.*\}\n[A-Za-z0-9_-]+\n$/);
    expect(await file.store.list()).toEqual([]);
    expect(file.path).toBe(path);
  });

  test("a store is never made over a file that is there", async () => {
    const path = temporaryFile();
    await create(path);
    const before = readFileSync(path);
    await expect(create(path)).rejects.toMatchObject(refusal("SECRET_STORE_EXISTS"));
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("of several who make the same store at once one wins", async () => {
    const path = temporaryFile();
    const makers = await Promise.allSettled(Array.from({ length: 4 }, () => create(path)));
    expect(makers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const maker of makers)
      if (maker.status === "rejected") expect(maker.reason).toMatchObject(refusal("SECRET_STORE_EXISTS"));
  });

  test("a store that is not there is missing, not empty", async () => {
    await expect(open(temporaryFile())).rejects.toMatchObject(refusal("SECRET_STORE_MISSING"));
    await expect(open(`${temporaryFile()}/deeper`)).rejects.toMatchObject(refusal("SECRET_STORE_MISSING"));
  });

  test.each<[string, unknown, typeof TypeError | typeof RangeError]>([
    ["no key providers", { keyProviders: [] }, TypeError],
    ["a key provider that is none", { keyProviders: [{ id: "x" }] }, TypeError],
    ["a clock that is no function", { now: 5 }, TypeError],
    ["a witness that is no function", { witness: "me" }, TypeError],
    ["a negative cacheCheckMs", { cacheCheckMs: -1 }, RangeError],
    ["idleWipeMs of 0", { idleWipeMs: 0 }, RangeError],
    ["half a backup", { backups: 0.5 }, RangeError],
    ["a derivation that is too cheap", { argon2: { memoryKiB: 8, passes: 1, lanes: 1 } }, RangeError],
    ["a derivation that nobody would read", { argon2: { ...CHEAP, memoryKiB: 1 << 21 } }, RangeError],
    ["an unknown audit mode", { auditMode: "lax" }, TypeError],
  ])("a wrong option is refused at once: %s", async (_, option, kind) => {
    const options = { keyProviders: [rawKey()], ...(option as object) } as SecretFileOptions;
    await expect(SecretFile.open("/nowhere/secrets", options)).rejects.toThrow(kind);
    await expect(SecretFile.create("/nowhere/secrets", options)).rejects.toThrow(kind);
  });
});

describe("keys", () => {
  test("every provider of a new store opens it alone", async () => {
    const path = temporaryFile();
    const service = new WrappingService();
    const providers = [rawKey(), passphrase("correct horse"), service];
    const file = await create(path, { keyProviders: providers });
    await file.store.set("a", "value");
    for (const provider of providers) {
      const other = await open(path, { keyProviders: [provider] });
      expect((await other.store.get("a")).expose()).toBe("value");
    }
    expect((await file.slots()).map(({ kind, label }) => [kind, label])).toEqual([
      ["raw", "raw:ci"],
      ["passphrase", "passphrase"],
      ["transit", "service:agents"],
    ]);
  });

  test("a passphrase is the same however its characters were composed, and bytes are taken as they are", async () => {
    const path = temporaryFile();
    await create(path, { keyProviders: [passphrase("caf\u00e9")] });
    expect(await opensWith(path, passphrase("cafe\u0301"))).toBe(true);
    expect(await opensWith(path, passphrase(Buffer.from("caf\u00e9")))).toBe(true);
    expect(await opensWith(path, passphrase(Buffer.from("cafe\u0301")))).toBe(false);
  });

  test("a missing key is told from a wrong one", async () => {
    const path = temporaryFile();
    await create(path);
    const none = localKey("none", () => undefined);
    await expect(open(path, { keyProviders: [none] })).rejects.toMatchObject(refusal("SECRET_KEY_MISSING"));
    await expect(open(path, { keyProviders: [none, rawKey("other")] })).rejects.toMatchObject(
      refusal("SECRET_WRONG_KEY"),
    );
    await expect(open(path, { keyProviders: [new WrappingService()] })).rejects.toMatchObject(
      refusal("SECRET_KEY_MISSING"),
    );
    await expect(create(temporaryFile(), { keyProviders: [rawKey(), none] })).rejects.toMatchObject(
      refusal("SECRET_KEY_MISSING"),
    );
  });

  test.each<[string, unknown]>([
    ["a short raw key", { kind: "raw", key: new Uint8Array(31) }],
    ["an empty passphrase", { kind: "passphrase", passphrase: "" }],
    ["a lone surrogate", { kind: "passphrase", passphrase: "\ud800" }],
    ["another kind", { kind: "magic", key: new Uint8Array(32) }],
  ])("something that cannot be a key is refused: %s", async (_, material) => {
    const path = temporaryFile();
    await create(path);
    const provider = localKey("odd", () => material as never);
    await expect(open(path, { keyProviders: [provider, rawKey()] })).rejects.toMatchObject(
      refusal("SECRET_KEY_INVALID"),
    );
  });

  test("a provider that is out of reach is passed over if another opens the store, and any other failure is not", async () => {
    const path = temporaryFile();
    await create(path);
    const failing = (code: "SECRET_UNAVAILABLE" | "SECRET_ACCESS_DENIED"): LocalKeyProvider =>
      localKey("failing", () => Promise.reject(new SecretError(code, "no")));
    const keyProviders = [failing("SECRET_UNAVAILABLE"), rawKey()];
    await open(path, { keyProviders });
    await expect(open(path, { keyProviders: [failing("SECRET_UNAVAILABLE")] })).rejects.toMatchObject(
      refusal("SECRET_UNAVAILABLE"),
    );
    await expect(
      open(path, { keyProviders: [rawKey(), failing("SECRET_ACCESS_DENIED")] }),
    ).rejects.toMatchObject(refusal("SECRET_ACCESS_DENIED"));
  });

  test("what a provider throws by accident is not passed on", async () => {
    const path = temporaryFile();
    await create(path);
    const provider = localKey("broken", () => Promise.reject(new Error("canary-in-message")));
    const error: unknown = await open(path, { keyProviders: [provider] }).catch((reason: unknown) => reason);
    expect(error).toMatchObject(refusal("SECRET_KEY_INVALID"));
    expect((error as Error).cause).toBeUndefined();
    expect(String((error as Error).stack)).not.toContain("canary");
  });

  test("key material that was given as bytes is zeroed", async () => {
    const path = temporaryFile();
    await create(path, { keyProviders: [rawKeyOf(new Uint8Array(32).fill(7))] });
    const key = new Uint8Array(32).fill(7);
    const words = new TextEncoder().encode("not the passphrase");
    await open(path, {
      keyProviders: [
        localKey("raw", () => ({ kind: "raw", key })),
        localKey("words", () => ({ kind: "passphrase", passphrase: words })),
      ],
    });
    expect(key.every((byte) => byte === 0)).toBe(true);
    expect(words.every((byte) => byte === 0)).toBe(true);
  });
});

describe("slots", () => {
  test("a slot is added and removed without sealing anything anew", async () => {
    const path = temporaryFile();
    const file = await create(path);
    await file.store.set("a", "value");
    const slot = await file.addSlot(passphrase("second"), { label: "Ops team" });
    expect(slot).toEqual({ id: slot.id, kind: "passphrase", label: "Ops team", argon2: CHEAP });
    expect(await opensWith(path, passphrase("second"))).toBe(true);
    expect(await opensWith(path, rawKey())).toBe(true);
    const [first] = await file.slots();
    expect((await file.removeSlot(first?.id ?? "")).label).toBe("raw:ci");
    expect(await opensWith(path, rawKey())).toBe(false);
    expect(await opensWith(path, passphrase("second"))).toBe(true);
    expect((await file.store.get("a")).expose()).toBe("value");
  });

  test("the last slot stays, and an unknown one is an error", async () => {
    const file = await create(temporaryFile());
    const [slot] = await file.slots();
    await expect(file.removeSlot(slot?.id ?? "")).rejects.toMatchObject(refusal("SECRET_SLOT_LAST"));
    await expect(file.removeSlot("0".repeat(16))).rejects.toMatchObject(refusal("SECRET_SLOT_MISSING"));
    await expect(file.rotateRootKey({ dropSlots: [slot?.id ?? ""] })).rejects.toMatchObject(
      refusal("SECRET_SLOT_LAST"),
    );
    await expect(file.rotateRootKey({ dropSlots: ["zz"] })).rejects.toMatchObject(
      refusal("SECRET_SLOT_MISSING"),
    );
  });

  test("there are at most 16 slots", async () => {
    const file = await create(temporaryFile(), {
      keyProviders: Array.from({ length: 16 }, (_, index) => rawKey(`k${index}`)),
    });
    await expect(file.addSlot(rawKey("k16"))).rejects.toMatchObject(refusal("SECRET_TOO_LARGE"));
    expect(await file.slots()).toHaveLength(16);
  });

  test.each(["", "two\nlines", "x".repeat(129), "\ud800"])("a label is one short line: %j", async (label) => {
    const file = await create(temporaryFile());
    await expect(file.addSlot(rawKey("other"), { label })).rejects.toThrow(RangeError);
  });

  test.each(["x".repeat(4_000), "\u00e9".repeat(65), "two\nlines", "\ud800"])(
    "a provider with any id gets a slot that can be read back, and found first",
    async (id) => {
      const path = temporaryFile();
      const providers = Array.from({ length: 5 }, (_, index) => passphrase(`words ${index}`));
      const file = await create(path, { keyProviders: providers });
      await file.addSlot(passphrase("odd", id));
      const [label] = (await file.slots()).slice(-1).map((slot) => slot.label);
      expect(Buffer.byteLength(label ?? "")).toBeLessThanOrEqual(128);
      expect(await opensWith(path, passphrase("odd", id))).toBe(true);
      const other = temporaryFile();
      await create(other, { keyProviders: [passphrase("odd", id)] });
      expect(await opensWith(other, passphrase("odd", id))).toBe(true);
    },
  );

  test("a process whose slot was removed by another no longer gets in", async () => {
    const path = temporaryFile();
    const admin = await create(path, { keyProviders: [rawKey("admin"), rawKey("worker")] });
    await admin.store.set("a", "value");
    const worker = await open(path, { keyProviders: [rawKey("worker")] });
    expect((await worker.store.get("a")).expose()).toBe("value");
    const [, slot] = await admin.slots();
    await admin.removeSlot(slot?.id ?? "");
    await expect(worker.store.get("a")).rejects.toMatchObject(refusal("SECRET_WRONG_KEY"));
  });

  test("a service's slot is wrapped again under its newest key, and stays proven", async () => {
    const path = temporaryFile();
    const service = new WrappingService();
    const file = await create(path, { keyProviders: [rawKey(), service] });
    service.version = 2;
    const wrapped = await file.rewrap();
    expect(wrapped.map(({ kind }) => kind)).toEqual(["transit"]);
    expect(service.calls.rewrap).toBe(1);
    expect(readFileSync(path, "utf8")).toContain("test:v2:");
    expect(await opensWith(path, service)).toBe(true);
    expect(wrapped[0]?.reference).toEqual({ provider: "test", mount: "transit", key: "agents" });
    const plain = await create(temporaryFile());
    expect(await plain.rewrap()).toEqual([]);
  });

  test("a service that wraps but does not unwrap gets no slot", async () => {
    const service = new WrappingService();
    const oneWay: KeyProvider = {
      type: "wrapping",
      id: "one-way",
      wrap: (rootKey) => service.wrap(rootKey),
      unwrap: async () => new Uint8Array(32),
    };
    const file = await create(temporaryFile());
    await expect(file.addSlot(oneWay)).rejects.toMatchObject(refusal("SECRET_ANSWER_INVALID"));
    expect(await file.slots()).toHaveLength(1);
  });
});

describe("rotating the root key", () => {
  test("every value is sealed anew, and the kept slots open it", async () => {
    const path = temporaryFile();
    const service = new WrappingService();
    const providers = [rawKey(), passphrase("second"), service];
    const file = await create(path, { keyProviders: providers });
    await file.store.set("a", "one");
    await file.store.rotate("a", () => "two", { graceMs: 60_000 });
    await file.store.set("b", Uint8Array.of(0, 255));
    const before = await file.slots();
    const handle = await file.store.get("a");
    const old = readFileSync(path, "utf8");
    await file.rotateRootKey();
    const salts = (text: string): readonly string[] => text.match(/"salt":"[^"]+"/g) ?? [];
    for (const salt of salts(old)) expect(readFileSync(path, "utf8")).not.toContain(salt);
    expect(await file.slots()).toEqual(before);
    for (const provider of providers) {
      const other = await open(path, { keyProviders: [provider] });
      const accepted = await other.store.getAccepted("a");
      expect(accepted.map((secret) => `${secret.version} ${secret.expose()}`)).toEqual(["2 two", "1 one"]);
      expect((await other.store.get("b")).equals(Uint8Array.of(0, 255))).toBe(true);
    }
    expect(handle.expose()).toBe("two");
  });

  test("a slot that no provider opens must be dropped by name", async () => {
    const path = temporaryFile();
    await create(path, { keyProviders: [rawKey(), rawKey("theirs")] });
    const file = await open(path);
    const [, theirs] = await file.slots();
    await expect(file.rotateRootKey()).rejects.toMatchObject(refusal("SECRET_KEY_MISSING"));
    expect(await opensWith(path, rawKey("theirs"))).toBe(true);
    await file.rotateRootKey({ dropSlots: [theirs?.id ?? ""] });
    expect(await opensWith(path, rawKey("theirs"))).toBe(false);
    expect(await opensWith(path, rawKey())).toBe(true);
  });

  test("a slot that was added is kept", async () => {
    const path = temporaryFile();
    const file = await create(path);
    await file.addSlot(rawKey("added"));
    await file.rotateRootKey();
    expect(await opensWith(path, rawKey("added"))).toBe(true);
  });

  test("another process goes on with the new root key", async () => {
    const path = temporaryFile();
    const file = await create(path);
    await file.store.set("a", "value");
    const other = await open(path);
    const handle = await other.store.get("a");
    await file.rotateRootKey();
    expect((await other.store.get("a")).expose()).toBe("value");
    expect(handle.expose()).toBe("value");
    await other.store.set("a", "next");
    expect((await file.store.get("a")).expose()).toBe("next");
  });
});

test("slots, root keys and secrets changed at once from two sides are all there in the end", async () => {
  const path = temporaryFile();
  const service = new WrappingService();
  const one = await create(path, { keyProviders: [rawKey(), service] });
  const two = await open(path, { keyProviders: [rawKey(), service] });
  const added = [rawKey("one"), passphrase("two"), rawKey("three")];
  await Promise.all([
    ...added.map((provider, index) => (index % 2 === 0 ? one : two).addSlot(provider)),
    ...Array.from({ length: 6 }, (_, index) =>
      (index % 2 === 0 ? two : one).store.set(`n${index}`, `${index}`),
    ),
    one.rewrap(),
  ]);
  for (const provider of added) await open(path, { keyProviders: [provider] });
  const late = await open(path, { keyProviders: [rawKey(), service, ...added] });
  await Promise.all([
    late.rotateRootKey(),
    one.store.set("after", "1"),
    two.store.delete("n0"),
    late.store.set("last", "2"),
  ]);
  for (const provider of [rawKey(), service, ...added]) {
    const { store } = await open(path, { keyProviders: [provider] });
    expect(await store.list()).toEqual(["after", "last", "n1", "n2", "n3", "n4", "n5"]);
    for (const [name, secret] of await store.getMany(await store.list()))
      expect(secret.expose()).toBe({ after: "1", last: "2" }[name] ?? name.slice(1));
  }
});

describe("what is kept in memory", () => {
  test("Argon2 runs once while another process writes 100 times", async () => {
    const path = temporaryFile();
    await create(path, { keyProviders: [rawKey(), passphrase("mine")] });
    vi.mocked(hashRaw).mockClear();
    const file = await open(path, { keyProviders: [passphrase("mine")] });
    const writer = writeOften(path, 100);
    const over = writer.ended.then(() => true);
    let reads = 0;
    while (!(await Promise.race([over, sleep(2).then(() => false)])))
      reads += Number((await file.store.list()).length >= 0);
    expect((await file.store.get("counter")).version).toBe(100);
    await file.store.set("mine", "too");
    expect(reads).toBeGreaterThan(0);
    expect(hashRaw).toHaveBeenCalledTimes(1);
  }, 60_000);

  test("a random key needs no Argon2 at all", async () => {
    const path = temporaryFile();
    await create(path);
    await (await open(path)).store.set("a", "b");
    expect(hashRaw).not.toHaveBeenCalled();
  });

  test("derivations of one process wait for each other", async () => {
    const path = temporaryFile();
    await create(path, { keyProviders: [passphrase("mine")] });
    const { hashRaw: real } = await vi.importActual<typeof import("@node-rs/argon2")>("@node-rs/argon2");
    let running = 0;
    vi.mocked(hashRaw).mockImplementation(async (...args) => {
      running += 1;
      expect(running).toBe(1);
      const key = await real(...args);
      running -= 1;
      return key;
    });
    await Promise.all(Array.from({ length: 3 }, () => open(path, { keyProviders: [passphrase("mine")] })));
  });

  test("a file that did not change is not read again", async () => {
    const path = temporaryFile();
    const file = await create(path);
    await file.store.set("a", "value");
    const first = await file.store.get("a");
    const { atimeNs } = statSync(path, { bigint: true });
    for (let count = 0; count < 50; count += 1) expect((await file.store.get("a")).equals(first)).toBe(true);
    expect(statSync(path, { bigint: true }).atimeNs).toBe(atimeNs);
  });

  test("with cacheCheckMs a change of somebody else is seen later, and one's own at once", async () => {
    const path = temporaryFile();
    await create(path);
    let now = 1_000;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const file = await open(path, { cacheCheckMs: 400 });
    const other = await open(path);
    await file.store.set("a", "1");
    await file.store.get("a");
    await other.store.set("a", "2");
    expect((await file.store.get("a")).expose()).toBe("1");
    now += 400;
    expect((await file.store.get("a")).expose()).toBe("2");
    await file.store.set("a", "3");
    expect((await file.store.get("a")).expose()).toBe("3");
  });

  test("with cacheCheckMs a look that failed does not count as one", async () => {
    let now = 1_000;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const file = await create(temporaryFile(), { cacheCheckMs: 400 });
    await file.store.set("a", "1");
    now += 400;
    const look = vi.spyOn(StorePath.prototype, "holds").mockImplementation(() => {
      throw new SecretError("SECRET_ACCESS_DENIED", "no right to look");
    });
    onTestFinished(() => look.mockRestore());
    for (let count = 0; count < 2; count += 1)
      await expect(file.store.get("a")).rejects.toMatchObject({ code: "SECRET_ACCESS_DENIED" });
  });

  test("an idle store forgets its key, closes its handles and asks again", async () => {
    const path = temporaryFile();
    let loads = 0;
    const counting: KeyProvider = { ...rawKey(), load: (request) => (loads++, rawKey().load(request)) };
    const file = await create(path, { keyProviders: [counting], idleWipeMs: 400 });
    await file.store.set("a", "value");
    const handle = await file.store.get("a");
    expect(loads).toBe(1);
    const wiped = (): void =>
      expect(() => handle.expose()).toThrow(expect.objectContaining(refusal("SECRET_CLOSED")));
    await vi.waitFor(wiped, { timeout: 10_000 });
    expect((await file.store.get("a")).expose()).toBe("value");
    expect(loads).toBe(2);
  });

  test("a closed store refuses everything, and its handles are closed", async () => {
    const file = await create(temporaryFile());
    await file.store.set("a", "value");
    const handle = await file.store.get("a");
    await file.close();
    await file.close();
    expect(() => handle.expose()).toThrow(expect.objectContaining(refusal("SECRET_CLOSED")));
    for (const call of [
      () => file.store.get("a"),
      () => file.store.list(),
      () => file.store.set("a", "b"),
      () => file.store.delete("a"),
      () => file.slots(),
      () => file.addSlot(rawKey("x")),
      () => file.rewrap(),
      () => file.rotateRootKey(),
    ])
      await expect(call()).rejects.toMatchObject(refusal("SECRET_CLOSED"));
  });

  test("closing waits for writes under way", async () => {
    const path = temporaryFile();
    const file = await create(path);
    await file.store.set("a", "1");
    const write = file.store.set("a", "2");
    await sleep(0);
    await file.close();
    const done = await write.then(
      () => true,
      () => false,
    );
    expect((await (await open(path)).store.get("a")).expose()).toBe(done ? "2" : "1");
  });
});

describe("writing", () => {
  test("versions in their grace period leave the file at the next write after it", async () => {
    const path = temporaryFile();
    const clock = { now: 1_800_000_000_000 };
    const file = await create(path, { now: () => clock.now });
    const value = (): string => "v".repeat(2_000);
    await file.store.set("a", value());
    await file.store.rotate("a", value, { graceMs: 1_000 });
    const both = statSync(path).size;
    clock.now += 1_000;
    expect((await file.store.metadata("a")).previous).toEqual([]);
    await file.store.set("b", "x");
    expect(statSync(path).size).toBeLessThan(both - 1_500);
  });

  test("the length of the file tells little", async () => {
    const path = temporaryFile();
    const file = await create(path);
    const sizes = new Set<number>();
    for (const length of [1, 20, 60]) {
      await file.store.set("a", "x".repeat(length));
      sizes.add(statSync(path).size);
    }
    expect(sizes.size).toBe(1);
  });

  test("as many older generations are kept as were asked for, and they open", async () => {
    const path = temporaryFile();
    const file = await create(path, { backups: 2 });
    for (const value of ["1", "2", "3", "4"]) await file.store.set("a", value);
    expect(readdirSync(dirname(path)).sort()).toEqual(["secrets", "secrets.g3", "secrets.g4"]);
    expect(statSync(`${path}.g4`).mode & 0o777).toBe(0o600);
    expect((await (await open(`${path}.g4`)).store.get("a")).expose()).toBe("3");
  });

  test("many secrets go into one generation, all or none", async () => {
    const source = await create(temporaryFile());
    await source.store.set("a", "1");
    await source.store.set("b", Uint8Array.of(255));
    const secrets = await source.store.getMany(["a", "b"]);
    const witnessed: number[] = [];
    const path = temporaryFile();
    const file = await create(path, { witness: ({ generation }) => witnessed.push(generation) > 0 });
    expect(await file.setMany(secrets)).toEqual([]);
    expect(witnessed).toEqual([1, 2]);
    await file.store.delete("b");
    await expect(file.setMany(secrets)).rejects.toMatchObject({ ...refusal("SECRET_CONFLICT"), secret: "a" });
    expect(await file.store.list()).toEqual(["a"]);
    expect(await file.setMany(secrets, { overwrite: true })).toEqual(["a"]);
    expect((await file.store.get("a")).version).toBe(2);
    expect((await file.store.get("b")).equals(Uint8Array.of(255))).toBe(true);
  });

  test("a signal stops what has not been written", async () => {
    const path = temporaryFile();
    await create(path, { keyProviders: [passphrase("slow")] });
    const signal = AbortSignal.timeout(1);
    await sleep(5);
    await expect(open(path, { keyProviders: [passphrase("slow")], signal })).rejects.toMatchObject(
      refusal("SECRET_ABORTED"),
    );
    const folder = temporaryDirectory();
    await expect(create(`${folder}/new`, { signal })).rejects.toMatchObject(refusal("SECRET_ABORTED"));
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("the audit", () => {
  test("opening says which provider opened the store, and every administration leaves a trace", async () => {
    const path = temporaryFile();
    const audit = new AuditList();
    await create(path, { keyProviders: [rawKey("admin"), rawKey()], audit });
    const file = await open(path, { keyProviders: [rawKey("admin"), rawKey()], audit });
    const { id } = await file.addSlot(rawKey("other"));
    await file.removeSlot(id);
    await file.rewrap();
    await file.rotateRootKey();
    await file.slots();
    await file.removeSlot("none").catch(() => undefined);
    const both = (type: string): string[] => [`secret_file.${type} attempt`, `secret_file.${type} success`];
    expect(audit.lines).toEqual([
      ...both("create"),
      "secret_file.open attempt",
      "secret_file.unlock info",
      "secret_file.open success",
      ...["add_slot", "remove_slot", "rewrap", "rotate_root_key", "slots"].flatMap(both),
      "secret_file.remove_slot attempt",
      "secret_file.remove_slot failure",
    ]);
    const unlock = audit.records.find(({ type }) => type === "secret_file.unlock");
    expect(unlock).toMatchObject({
      resource: { kind: "secret_file", id: path },
      data: { provider: "raw:admin", slot: expect.stringMatching(/^[0-9a-f]{16}$/), generation: 1 },
    });
  });

  test("a strict audit that refuses stops an administration before it begins", async () => {
    const path = temporaryFile();
    const audit = new AuditList();
    const file = await create(path, { audit });
    const before = readFileSync(path);
    audit.refuse = ["attempt"];
    await expect(file.addSlot(rawKey("other"))).rejects.toMatchObject(refusal("SECRET_AUDIT_FAILED"));
    await expect(file.rotateRootKey()).rejects.toMatchObject(refusal("SECRET_AUDIT_FAILED"));
    expect(readFileSync(path).equals(before)).toBe(true);
    await expect(create(temporaryFile(), { audit })).rejects.toMatchObject(refusal("SECRET_AUDIT_FAILED"));
  });

  test("a strict audit that does not take the unlocking keeps the store shut", async () => {
    const path = temporaryFile();
    await create(path);
    const audit = new AuditList();
    audit.refuse = ["info"];
    await expect(open(path, { audit })).rejects.toMatchObject(refusal("SECRET_AUDIT_FAILED"));
    await open(path, { audit, auditMode: "permissive" });
  });
});

test("setMany zeroes its copies when a name among them is refused", async () => {
  const copies: Uint8Array[] = [];
  const handle = (name: string): Secret =>
    new Secret(name, 1, {
      copy() {
        const copy = new Uint8Array([1, 2, 3]);
        copies.push(copy);
        return copy;
      },
      dispose: () => undefined,
    });
  const file = await create(temporaryFile());
  const secrets = new Map([
    ["good", handle("good")],
    ["../bad", handle("bad")],
  ]);
  await expect(file.setMany(secrets)).rejects.toMatchObject({ code: "SECRET_NAME_INVALID" });
  expect(copies.every((copy) => copy.every((byte) => byte === 0))).toBe(true);
});

test("what a service unwraps into something that is no key is zeroed", async () => {
  const given: Uint8Array[] = [];
  const service = new WrappingService();
  const path = temporaryFile();
  await (await create(path, { keyProviders: [service] })).close();
  const odd: KeyProvider = {
    type: "wrapping",
    id: service.id,
    wrap: (rootKey) => service.wrap(rootKey),
    async unwrap() {
      const key = new Uint8Array(31).fill(7);
      given.push(key);
      return key;
    },
  };
  await expect(open(path, { keyProviders: [odd] })).rejects.toMatchObject({ code: "SECRET_ANSWER_INVALID" });
  expect(given).toEqual([new Uint8Array(31)]);
});
