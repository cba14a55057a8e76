import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { hashRaw } from "@node-rs/argon2";
import type { JsonObject } from "@symbiont/kit";
import type { KeyProvider } from "@symbiont/secrets";
import { SecretFile, type SecretFileOptions } from "@symbiont/secrets/file";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { openMessage } from "../src/file/internal/crypto/message.ts";
import { sealSlot } from "../src/file/internal/crypto/seal-slot.ts";
import { sealStore } from "../src/file/internal/crypto/seal-store.ts";
import type { Entry } from "../src/file/internal/format/entry.ts";
import type { Slot } from "../src/file/internal/format/slot.ts";
import { temporaryDirectory, temporaryFile } from "./temporary-directory.ts";
import { passphrase, rawKey, rawKeyOf, WrappingService } from "./test-keys.ts";

vi.mock("@node-rs/argon2", async (load) => {
  const actual = await load<typeof import("@node-rs/argon2")>();
  return { ...actual, hashRaw: vi.fn(actual.hashRaw) };
});

const CHEAP = { memoryKiB: 19_456, passes: 2, lanes: 1 };

beforeEach(() => void vi.mocked(hashRaw).mockClear());

async function create(path: string, options: Partial<SecretFileOptions> = {}): Promise<SecretFile> {
  const file = await SecretFile.create(path, { keyProviders: [rawKey()], argon2: CHEAP, ...options });
  onTestFinished(() => file.close());
  return file;
}

async function open(path: string, options: Partial<SecretFileOptions> = {}): Promise<SecretFile> {
  const file = await SecretFile.open(path, { keyProviders: [rawKey()], ...options });
  onTestFinished(() => file.close());
  return file;
}

/** A store with one secret, as text to be changed. */
async function written(
  keyProviders: readonly KeyProvider[] = [rawKey()],
): Promise<{ path: string; text: string }> {
  const path = temporaryFile();
  const file = await create(path, { keyProviders });
  await file.store.set("a", "value");
  await file.close();
  return { path, text: readFileSync(path, "utf8") };
}

function fileHolds(path: string, text: string): boolean {
  return readFileSync(path, "latin1").includes(text);
}

async function refusalOf(
  text: string | Uint8Array,
  keyProviders: readonly KeyProvider[] = [rawKey()],
): Promise<string> {
  const path = temporaryFile();
  writeFileSync(path, text, { mode: 0o600 });
  const error: unknown = await open(path, { keyProviders }).then(
    () => new Error("it opened"),
    (reason: unknown) => reason,
  );
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function changedHeader(text: string, change: (header: any) => void): string {
  const [first, header = "", payload] = text.split("\n");
  const json = JSON.parse(header);
  change(json);
  return `${first}\n${JSON.stringify(json)}\n${payload}\n`;
}

describe("a changed file", () => {
  test("a wrong key is told from a changed file", async () => {
    const { text } = await written();
    expect(await refusalOf(text, [rawKey("other")])).toBe("SECRET_WRONG_KEY");
    expect(await refusalOf(changedHeader(text, (header) => (header.gen += 1)))).toBe("SECRET_TAMPERED");
    expect(await refusalOf(changedHeader(text, (header) => (header.slots[0].label = "mine")))).toBe(
      "SECRET_TAMPERED",
    );
    expect(await refusalOf(text.replace('"id"', ' "id"'))).toBe("SECRET_TAMPERED");
  });

  test.each<[string, (text: string) => string, string]>([
    ["empty", () => "", "SECRET_FORMAT_INVALID"],
    ["another file", () => "#!/bin/sh\necho\n", "SECRET_FORMAT_INVALID"],
    ["no newline at the end", (text) => text.slice(0, -1), "SECRET_FORMAT_INVALID"],
    ["two newlines at the end", (text) => `${text}\n`, "SECRET_FORMAT_INVALID"],
    ["lines that end like on Windows", (text) => text.replaceAll("\n", "\r\n"), "SECRET_FORMAT_INVALID"],
    ["a byte order mark", (text) => `\ufeff${text}`, "SECRET_FORMAT_INVALID"],
    ["version 0", (text) => text.replace("store/1", "store/0"), "SECRET_FORMAT_INVALID"],
    ["version 01", (text) => text.replace("store/1", "store/01"), "SECRET_FORMAT_INVALID"],
    ["version 12", (text) => text.replace("store/1", "store/12"), "SECRET_VERSION_UNSUPPORTED"],
    ["a payload of nothing", (text) => `${text.split("\n").slice(0, 2).join("\n")}\n\n`, "SECRET_TAMPERED"],
    ["padding after the payload", (text) => `${text.slice(0, -1)}=\n`, "SECRET_TAMPERED"],
    ["a space in the payload", (text) => `${text.slice(0, -9)} ${text.slice(-9)}`, "SECRET_TAMPERED"],
    ["a header twice the name", (text) => text.replace('{"id"', '{"gen":1,"id"'), "SECRET_FORMAT_INVALID"],
  ])("is refused: %s", async (_, change, code) => {
    const { text } = await written();
    expect(await refusalOf(change(text))).toBe(code);
  });

  test.each<[string, (header: any) => void, string]>([
    ["an unknown member", (header) => (header.more = 1), "SECRET_FORMAT_INVALID"],
    ["a missing member", (header) => delete header.kdf, "SECRET_FORMAT_INVALID"],
    ["another cipher", (header) => (header.aead = "A128GCM"), "SECRET_FORMAT_INVALID"],
    ["generation 0", (header) => (header.gen = 0), "SECRET_FORMAT_INVALID"],
    ["half a generation", (header) => (header.gen = 1.5), "SECRET_FORMAT_INVALID"],
    ["an instant of another spelling", (header) => (header.updated = "2026-01-02"), "SECRET_FORMAT_INVALID"],
    [
      "a day that does not exist",
      (header) => (header.updated = "2026-02-30T00:00:00.000Z"),
      "SECRET_FORMAT_INVALID",
    ],
    ["no slot", (header) => (header.slots = []), "SECRET_FORMAT_INVALID"],
    ["17 slots", (header) => (header.slots = Array(17).fill(header.slots[0])), "SECRET_FORMAT_INVALID"],
    ["one slot twice", (header) => header.slots.push(header.slots[0]), "SECRET_FORMAT_INVALID"],
    ["a slot of an unknown kind", (header) => (header.slots[0].kind = "magic"), "SECRET_FORMAT_INVALID"],
    ["a slot that is a number", (header) => (header.slots[0] = 1), "SECRET_FORMAT_INVALID"],
    ["a raw slot with a derivation", (header) => (header.slots[0].kdf = {}), "SECRET_FORMAT_INVALID"],
    ["a commitment of 31 bytes", (header) => (header.commit = "A".repeat(42)), "SECRET_FORMAT_INVALID"],
    ["stray bits in base64url", (header) => (header.commit = `${"A".repeat(42)}B`), "SECRET_TAMPERED"],
    ["base64 for base64url", (header) => (header.salt = `${"A".repeat(42)}+`), "SECRET_TAMPERED"],
    [
      "a wrapped key with a tag of 4 bytes",
      (header) => (header.slots[0].wrapped = header.slots[0].wrapped.slice(0, 48)),
      "SECRET_FORMAT_INVALID",
    ],
    ["a label of 129 bytes", (header) => (header.slots[0].label = "x".repeat(129)), "SECRET_FORMAT_INVALID"],
  ])("is refused for its header: %s", async (_, change, code) => {
    const { text } = await written();
    expect(await refusalOf(changedHeader(text, change))).toBe(code);
  });

  test("a swapped slot salt is no key, a swapped wrapped key is tampering", async () => {
    const { text } = await written();
    const other = (await written()).text;
    const theirs = JSON.parse(other.split("\n")[1] ?? "").slots[0];
    expect(await refusalOf(changedHeader(text, ({ slots }) => (slots[0].salt = theirs.salt)))).toBe(
      "SECRET_WRONG_KEY",
    );
    expect(await refusalOf(changedHeader(text, ({ slots }) => (slots[0].wrapped = theirs.wrapped)))).toBe(
      "SECRET_TAMPERED",
    );
  });

  test("a payload of another store or generation is refused", async () => {
    const { text } = await written();
    const { text: other } = await written();
    const [first, header] = text.split("\n");
    expect(await refusalOf([first, header, other.split("\n")[2], ""].join("\n"))).toBe("SECRET_TAMPERED");
  });

  test("a file that is too large is refused before it is read", async () => {
    const { path } = await written();
    truncateSync(path, (16 << 20) + 1);
    await expect(open(path)).rejects.toMatchObject({ code: "SECRET_TOO_LARGE" });
  });

  test("a message with a tag of 4 bytes is not opened", () => {
    const key = { key: new Uint8Array(32), nonce: new Uint8Array(12) };
    expect(openMessage(key, new Uint8Array(4))).toBeUndefined();
    expect(openMessage(key, new Uint8Array(15))).toBeUndefined();
  });

  test("an open store notices what is done to the file behind its back", async () => {
    const path = temporaryFile();
    const file = await create(path);
    await file.store.set("a", "value");
    const before = readFileSync(path);
    appendFileSync(path, "x");
    await expect(file.store.get("a")).rejects.toMatchObject({ code: "SECRET_FORMAT_INVALID" });
    await expect(file.store.set("a", "b")).rejects.toMatchObject({ code: "SECRET_FORMAT_INVALID" });
    writeFileSync(path, before);
    expect((await file.store.get("a")).expose()).toBe("value");
    chmodSync(path, 0o644);
    await expect(file.store.get("a")).rejects.toMatchObject({ code: "SECRET_FILE_NOT_PRIVATE" });
  });

  test("a file changed in place with its time put back is read again", async () => {
    const path = temporaryFile();
    const file = await create(path);
    await file.store.set("a", "value");
    const time = new Date(1_700_000_000_000);
    utimesSync(path, time, time);
    expect((await file.store.get("a")).expose()).toBe("value");
    const bytes = readFileSync(path);
    bytes[bytes.length - 10] = (bytes[bytes.length - 10] ?? 0) === 0x41 ? 0x42 : 0x41;
    writeFileSync(path, bytes);
    utimesSync(path, time, time);
    await expect(file.store.get("a")).rejects.toMatchObject({ code: "SECRET_TAMPERED" });
  });
});

describe("a key derivation", () => {
  const bomb = async (kdf: object): Promise<string> => {
    const { text } = await written([passphrase("words")]);
    vi.mocked(hashRaw).mockClear();
    const code = await refusalOf(
      changedHeader(text, ({ slots }) => Object.assign(slots[0].kdf, kdf)),
      [passphrase("words")],
    );
    expect(hashRaw).not.toHaveBeenCalled();
    return code;
  };

  test.each([{ m: (1 << 20) + 1 }, { t: 17 }, { p: 5, m: 65_536 }, { m: 4_294_967_296, t: 1e9 }])(
    "beyond the limits is refused before it begins: %o",
    async (kdf) => {
      expect(await bomb(kdf)).toBe("SECRET_KDF_LIMIT");
    },
  );

  test.each([{ alg: "argon2i" }, { v: 16 }, { m: 7 }, { t: 0 }, { p: 0 }, { m: "65536" }, { more: 1 }])(
    "of another kind is refused: %o",
    async (kdf) => {
      expect(await bomb(kdf)).toBe("SECRET_FORMAT_INVALID");
    },
  );

  test("is run at most four times for one opening, however many slots there are", async () => {
    const providers = Array.from({ length: 6 }, (_, index) => passphrase(`words ${index}`, `slot ${index}`));
    const { path } = await written(providers);
    vi.mocked(hashRaw).mockClear();
    await expect(open(path, { keyProviders: [passphrase("other")] })).rejects.toMatchObject({
      code: "SECRET_KDF_LIMIT",
    });
    expect(hashRaw).toHaveBeenCalledTimes(4);
    vi.mocked(hashRaw).mockClear();
    await open(path, { keyProviders: [passphrase("words 5", "slot 5")] });
    expect(hashRaw).toHaveBeenCalledTimes(1);
  });
});

describe("rollback", () => {
  test("an older file is refused in the process that has seen a newer one", async () => {
    const path = temporaryFile();
    const file = await create(path);
    await file.store.set("a", "old");
    copyFileSync(path, `${path}.old`);
    await file.store.set("a", "new");
    renameSync(`${path}.old`, path);
    for (const call of [
      () => file.store.get("a"),
      () => file.store.set("a", "b"),
      () => file.addSlot(rawKey("x")),
      () => open(path),
    ])
      await expect(call()).rejects.toMatchObject({ code: "SECRET_ROLLED_BACK" });
  });

  test("another file of the same generation is refused: history was forked", async () => {
    const path = temporaryFile();
    const file = await create(path);
    copyFileSync(path, `${path}.fork`);
    const fork = await open(`${path}.fork`);
    await file.store.set("a", "ours");
    await fork.store.set("a", "theirs");
    renameSync(`${path}.fork`, path);
    await expect(file.store.get("a")).rejects.toMatchObject({ code: "SECRET_ROLLED_BACK" });
  });

  test("a witness remembers across restarts, and is told of every write", async () => {
    const path = temporaryFile();
    let highest = 0;
    const witness: SecretFileOptions["witness"] = ({ storeId, generation }) => {
      expect(storeId).toMatch(/^[0-9a-f]{32}$/);
      if (generation < highest) return false;
      highest = generation;
      return true;
    };
    const file = await create(path, { witness });
    await file.store.set("a", "1");
    expect(highest).toBe(2);
    highest = 3; // A later life of the store wrote once more; then somebody restored a copy.
    await expect(open(path, { witness })).rejects.toMatchObject({ code: "SECRET_ROLLED_BACK" });
    const silent = { witness: () => Promise.reject(new Error("down")) };
    await expect(open(path, silent)).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
  });

  test("a generation of ours that the witness did not accept is not read without it", async () => {
    const path = temporaryFile();
    const told: number[] = [];
    let refused = Number.POSITIVE_INFINITY;
    const witness: SecretFileOptions["witness"] = ({ generation }) => {
      told.push(generation);
      return generation < refused;
    };
    const file = await create(path, { witness });
    refused = 2;
    await expect(file.store.set("a", "1")).rejects.toMatchObject({ code: "SECRET_ROLLED_BACK" });
    await expect(file.store.get("a")).rejects.toMatchObject({ code: "SECRET_ROLLED_BACK" });
    refused = 3;
    expect((await file.store.get("a")).expose()).toBe("1");
    expect(told).toEqual([1, 2, 2, 2]);
  });

  test("a witness that was away for a write is told of it at the next read", async () => {
    const told: number[] = [];
    let away = false;
    const witness: SecretFileOptions["witness"] = async ({ generation }) => {
      if (away) throw new Error("away");
      return told.push(generation) > 0;
    };
    const file = await create(temporaryFile(), { witness });
    away = true;
    await expect(file.store.set("a", "1")).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
    await expect(file.store.get("a")).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
    away = false;
    expect((await file.store.get("a")).expose()).toBe("1");
    expect(told).toEqual([1, 2]);
  });

  test("a write is not forgotten while a slow witness hears of the one before", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let slow = 1;
    const witness: SecretFileOptions["witness"] = async ({ generation }) => {
      if (generation === 2 && slow-- > 0) await held;
      return true;
    };
    const file = await create(temporaryFile(), { witness, cacheCheckMs: 60_000 });
    const first = file.store.set("a", "1");
    await vi.waitFor(() => expect(fileHolds(file.path, '"gen":2')).toBe(true));
    await file.store.set("a", "2");
    release();
    await first;
    expect((await file.store.get("a")).expose()).toBe("2");
  });

  test("another store at the same path is not taken for the one that was opened", async () => {
    const path = temporaryFile();
    const file = await create(path);
    await file.store.set("a", "ours");
    const other = temporaryFile();
    await (await create(other)).store.set("a", "theirs");
    renameSync(other, path);
    await expect(file.store.get("a")).rejects.toMatchObject({ code: "SECRET_TAMPERED" });
  });
});

describe("who has a key but is not to be trusted", () => {
  const key = new Uint8Array(32).fill(1);
  const rootKey = new Uint8Array(32).fill(2);
  const id = randomBytes(16);

  /** A file made by somebody who knows every key, but not the rules. */
  function forged(entries: readonly object[], more: readonly Slot[] = []): Uint8Array {
    const slot = { id: randomBytes(8), kind: "raw", label: "forged", salt: randomBytes(32) } as const;
    const slots = [sealSlot(key, id, slot, rootKey), ...more];
    const map = new Map(entries.map((entry, index) => [String(index), entry as Entry]));
    return sealStore(rootKey, { id, generation: 1, updatedAt: 0, salt: randomBytes(32), slots }, map).bytes;
  }

  function entry(name: string, more: object = {}): object {
    const metadata = { name, version: 1, createdAt: 0, updatedAt: 0, previous: [] };
    const versions = [{ version: 1, salt: randomBytes(16), sealed: randomBytes(20) }];
    return { metadata, text: true, versions, ...more };
  }

  test("two entries of one name are refused", async () => {
    expect(await refusalOf(forged([entry("a"), entry("a")]), [rawKeyOf(key)])).toBe("SECRET_FORMAT_INVALID");
  });

  test.each(["a/../b", "a//b", "/a", "a\u0000b", "x".repeat(513)])(
    "a name that breaks the rules is refused: %j",
    async (name) => {
      expect(await refusalOf(forged([entry(name)]), [rawKeyOf(key)])).toBe("SECRET_FORMAT_INVALID");
    },
  );

  test("versions out of order are refused", async () => {
    const version = { version: 1, salt: randomBytes(16), sealed: randomBytes(20) };
    const metadata = {
      name: "a",
      version: 1,
      createdAt: 0,
      updatedAt: 0,
      previous: [{ version: 1, until: 9e12 }],
    };
    const odd = entry("a", { metadata, versions: [version, version] });
    expect(await refusalOf(forged([odd]), [rawKeyOf(key)])).toBe("SECRET_FORMAT_INVALID");
  });

  test("a value that was not sealed for its place is found out when it is used", async () => {
    const path = temporaryFile();
    writeFileSync(path, forged([entry("a")]), { mode: 0o600 });
    const secret = await (await open(path, { keyProviders: [rawKeyOf(key)] })).store.get("a");
    expect(() => secret.expose()).toThrow(expect.objectContaining({ code: "SECRET_TAMPERED" }));
  });

  test("a slot that leads another provider to another root key is found out", async () => {
    const planted = sealSlot(
      new Uint8Array(32).fill(3),
      id,
      { id: randomBytes(8), kind: "raw", label: "planted", salt: randomBytes(32) },
      new Uint8Array(32).fill(4),
    );
    const bytes = forged([], [planted]);
    const both = [rawKeyOf(key, "one"), rawKeyOf(new Uint8Array(32).fill(3), "two")];
    expect(await refusalOf(bytes, both)).toBe("SECRET_TAMPERED");
    expect(await refusalOf(bytes, both.slice(1))).toBe("SECRET_TAMPERED");
  });

  test("a service that unwraps another key is found out", async () => {
    const service = new WrappingService();
    const { path } = await written([rawKey(), service]);
    const liar: KeyProvider = {
      type: "wrapping",
      id: "liar",
      wrap: (root) => service.wrap(root),
      unwrap: async () => new Uint8Array(32),
    };
    await expect(open(path, { keyProviders: [liar] })).rejects.toMatchObject({ code: "SECRET_TAMPERED" });
    await expect(open(path, { keyProviders: [rawKey(), liar] })).rejects.toMatchObject({
      code: "SECRET_TAMPERED",
    });
  });
});

describe("names and notes", () => {
  test("a secret may be called __proto__, constructor or 0", async () => {
    const path = temporaryFile();
    const file = await create(path);
    const names = ["0", "__proto__", "constructor", "toString"];
    for (const name of names) await file.store.set(name, `value of ${name}`);
    const other = await open(path);
    expect(await other.store.list()).toEqual(names);
    for (const name of names) expect((await other.store.get(name)).expose()).toBe(`value of ${name}`);
    expect(await other.store.has("hasOwnProperty")).toBe(false);
  });

  test("whatever notes are taken can be read back: a payload that does not parse would lock everybody out", async () => {
    const path = temporaryFile();
    const file = await create(path);
    let deep: JsonObject = {};
    for (let level = 0; level < 60; level += 1) deep = { deep };
    const notes = { big: 2 ** 60, tiny: 5e-324, constructor: "x", deep };
    await file.store.set("a", "value", { notes });
    expect((await (await open(path)).store.metadata("a")).notes).toEqual(notes);
    const odd = JSON.parse('{"__proto__":1}') as JsonObject;
    await expect(file.store.set("a", "value", { notes: odd })).rejects.toThrow(TypeError);
    await expect(file.store.set("a", "value", { expiresAt: 1e15 })).rejects.toThrow(RangeError);
    expect((await (await open(path)).store.get("a")).expose()).toBe("value");
  });

  test("a clock that is out of its mind writes nothing that could not be read back", async () => {
    const path = temporaryFile();
    const clock = { now: Date.now() };
    const file = await create(path, { now: () => clock.now });
    for (const now of [Number.NaN, -1e15, 1e15, Number.POSITIVE_INFINITY]) {
      clock.now = now;
      await expect(file.store.set("a", "value")).rejects.toThrow(RangeError);
    }
    expect(await (await open(path)).store.list()).toEqual([]);
  });

  test("a header as large as services may make it is read back", async () => {
    const path = temporaryFile();
    const providers = Array.from({ length: 15 }, (_, index): KeyProvider => {
      const service = new WrappingService(`agents ${index}`);
      const long = "\u0001".repeat(3_900);
      return {
        type: "wrapping",
        id: service.id,
        wrap: async (rootKey) => {
          const wrapped = await service.wrap(rootKey);
          return { ...wrapped, ciphertext: wrapped.ciphertext + long };
        },
        unwrap: async (wrapped) =>
          service.unwrap({ ...wrapped, ciphertext: wrapped.ciphertext.slice(0, -long.length) }),
      };
    });
    await create(path, { keyProviders: providers });
    expect(await (await open(path, { keyProviders: providers.slice(-1) })).slots()).toHaveLength(15);
  });

  test("metadata that were handed out cannot change the store", async () => {
    const path = temporaryFile();
    const file = await create(path);
    await file.store.set("a", "value", { notes: { owner: { team: "a" } } });
    const { notes } = await file.store.metadata("a");
    expect(() => Object.assign(notes?.["owner"] as object, { team: "b" })).toThrow(TypeError);
    await file.store.set("b", "other");
    expect((await (await open(path)).store.metadata("a")).notes).toEqual({ owner: { team: "a" } });
  });
});

describe("the place of the file", () => {
  test.each([0o640, 0o604, 0o622])("a file that others may touch is refused: %o", async (mode) => {
    const { path } = await written();
    chmodSync(path, mode);
    await expect(open(path)).rejects.toMatchObject({ code: "SECRET_FILE_NOT_PRIVATE" });
  });

  test("a folder where others could put another file is refused", async () => {
    const { path } = await written();
    chmodSync(dirname(path), 0o777);
    await expect(open(path)).rejects.toMatchObject({ code: "SECRET_FILE_NOT_PRIVATE" });
    await expect(create(`${path}2`)).rejects.toMatchObject({ code: "SECRET_FILE_NOT_PRIVATE" });
  });

  test("a folder is no store", async () => {
    await expect(open(temporaryDirectory())).rejects.toMatchObject({ code: "SECRET_FORMAT_INVALID" });
  });

  test("a link is followed to the file, also when it turns to another folder", async () => {
    const folder = temporaryDirectory();
    for (const name of ["one", "two"]) mkdirSync(join(folder, name), { mode: 0o700 });
    const file = await create(join(folder, "one", "secrets"));
    await file.store.set("a", "1");
    symlinkSync("one", join(folder, "data"));
    symlinkSync("data/secrets", join(folder, "secrets"));
    const linked = await open(join(folder, "secrets"));
    await linked.store.set("a", "2");
    expect((await file.store.get("a")).expose()).toBe("2");
    renameSync(join(folder, "one", "secrets"), join(folder, "two", "secrets"));
    symlinkSync("two", join(folder, "data.new"));
    renameSync(join(folder, "data.new"), join(folder, "data"));
    expect((await linked.store.get("a")).expose()).toBe("2");
  });

  test("what the system refuses is a typed error", async ({ skip }) => {
    const { setegid, seteuid } = process;
    if (process.geteuid?.() !== 0 || seteuid === undefined || setegid === undefined)
      return skip("needs root, to become somebody else");
    const { path } = await written();
    seteuid.call(process, 65_534);
    try {
      await expect(open(path)).rejects.toMatchObject({ code: "SECRET_ACCESS_DENIED" });
      await expect(create(`${path}2`)).rejects.toMatchObject({
        code: expect.stringMatching(/^SECRET_(ACCESS_DENIED|FILE_NOT_PRIVATE)$/),
      });
    } finally {
      seteuid.call(process, 0);
    }
  });
});
