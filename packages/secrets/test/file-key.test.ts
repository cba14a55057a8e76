import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { AppendFile, FilestoreError } from "@symbiont/filestore";
import { encodeBase64 } from "@symbiont/kit";
import type { KeyMaterial } from "@symbiont/secrets";
import { createFileKey, fileKey, symbiontKeyFile, systemdKey } from "@symbiont/secrets/key-providers/file";
import { afterEach, describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const REQUEST = { storeId: "00112233445566778899aabbccddeeff" };
const KEY = Uint8Array.from({ length: 32 }, (_, index) => 250 - index);
const WORDS = "correct horse battery staple";

afterEach(() => vi.unstubAllEnvs());

describe("fileKey", () => {
  const inFolder = temporaryFolder();
  let files = 0;

  function load(content: string | Uint8Array): Promise<KeyMaterial | undefined> {
    const path = inFolder(`key-${(files += 1)}`);
    writeFileSync(path, content, { mode: 0o600 });
    return fileKey(path).load(REQUEST);
  }

  test("takes one final newline away, of either kind, and nothing else", async () => {
    for (const newline of ["", "\n", "\r\n"]) {
      expect(await load(encodeBase64(KEY) + newline)).toEqual({ kind: "raw", key: KEY });
      expect(await load(WORDS + newline)).toEqual({ kind: "passphrase", passphrase: WORDS });
    }
    expect(await load(`${WORDS}\n\n`)).toMatchObject({ passphrase: `${WORDS}\n` });
    expect(await load(` ${WORDS}\t`)).toMatchObject({ passphrase: ` ${WORDS}\t` });
  });

  test("takes 32 bytes that are not text as they are, also with a newline or a NUL among them", async () => {
    for (const last of [0x0a, 0x00, 0x41]) {
      const key = Uint8Array.from(KEY).fill(last, 31);
      expect(await load(key)).toEqual({ kind: "raw", key });
    }
    const nul = Uint8Array.from({ length: 32 }, (_, index) => index);
    expect(await load(nul)).toEqual({ kind: "raw", key: nul });
  });

  test("takes 32 characters of text as a passphrase", async () => {
    const text = "0123456789abcdef0123456789abcdef";
    expect(await load(text)).toEqual({ kind: "passphrase", passphrase: text });
  });

  test.each<[string, string | Uint8Array]>([
    ["nothing", ""],
    ["one newline", "\n"],
    ["33 bytes that are not text", Uint8Array.of(...KEY, 0x0a)],
    ["31 bytes that are not text", KEY.subarray(1)],
    ["a disk block of zeros", new Uint8Array(32)],
    ["more than 4 KiB", "x".repeat(4097)],
    ["a short passphrase", "x".repeat(11)],
  ])("refuses a file that holds %s", async (_, content) => {
    await expect(load(content)).rejects.toMatchObject({ code: "SECRET_KEY_INVALID" });
  });

  test("takes bytes as a passphrase only when that is said", async () => {
    const path = inFolder("bytes");
    const bytes = Uint8Array.from({ length: 40 }, (_, index) => 200 + (index % 7));
    writeFileSync(path, bytes, { mode: 0o600 });
    await expect(fileKey(path).load(REQUEST)).rejects.toMatchObject({ code: "SECRET_KEY_INVALID" });
    expect(await fileKey(path, { kind: "passphrase" }).load(REQUEST)).toEqual({
      kind: "passphrase",
      passphrase: bytes,
    });
  });

  test("reads 4 KiB, no more", async () => {
    expect(await load("x".repeat(4096))).toMatchObject({ passphrase: "x".repeat(4096) });
  });

  test("has no key where there is no file, and no folder", async () => {
    expect(await fileKey(inFolder("nothing")).load(REQUEST)).toBeUndefined();
    expect(await fileKey(inFolder("nothing"), { access: "mounted" }).load(REQUEST)).toBeUndefined();
    writeFileSync(inFolder("file"), "");
    expect(await fileKey(inFolder("file", "key"), { access: "mounted" }).load(REQUEST)).toBeUndefined();
  });

  test("names the absolute path, and stays there when the process changes its folder", async () => {
    const before = process.cwd();
    const provider = fileKey("some-key");
    try {
      process.chdir("/");
      expect(provider.id).toBe(`file:${before}/some-key`);
    } finally {
      process.chdir(before);
    }
  });

  test("names wrong arguments", () => {
    const wrong = (...args: readonly unknown[]): unknown =>
      (fileKey as (...args: unknown[]) => unknown)(...args);
    for (const path of ["", "a\0b", 7, undefined]) expect(() => wrong(path)).toThrow(TypeError);
    expect(() => wrong("a", { access: "anyone" })).toThrow("access");
    expect(() => wrong("a", { kind: "hex" })).toThrow("kind");
  });
});

describe("createFileKey", () => {
  const inFolder = temporaryFolder();

  test("writes a key of 32 random bytes that only its owner may touch, whatever the umask", async () => {
    for (const [name, umask] of [
      ["open", 0o000],
      ["tight", 0o777],
    ] as const) {
      const before = process.umask(umask);
      try {
        await createFileKey(inFolder(name));
      } finally {
        process.umask(before);
      }
      expect(statSync(inFolder(name)).mode & 0o7777).toBe(0o600);
      expect(readFileSync(inFolder(name), "utf8")).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
    }
    expect(readFileSync(inFolder("open"))).not.toEqual(readFileSync(inFolder("tight")));
  });

  test("gives a provider of what it wrote, which Symbiont reads too", async () => {
    const path = inFolder("fresh");
    const provider = await createFileKey(path);
    const text = readFileSync(path, "utf8").trim();
    expect(await provider.load(REQUEST)).toEqual({
      kind: "raw",
      key: new Uint8Array(Buffer.from(text, "base64")),
    });
    expect(await symbiontKeyFile({ path }).load(REQUEST)).toEqual({ kind: "passphrase", passphrase: text });
  });

  test("replaces nothing, not even a link that leads nowhere", async () => {
    writeFileSync(inFolder("taken"), WORDS, { mode: 0o600 });
    symlinkSync(inFolder("elsewhere"), inFolder("link"));
    for (const name of ["taken", "link"])
      await expect(createFileKey(inFolder(name))).rejects.toMatchObject({ code: "SECRET_KEY_EXISTS" });
    expect(readFileSync(inFolder("taken"), "utf8")).toBe(WORDS);
    expect(existsSync(inFolder("elsewhere"))).toBe(false);
  });

  test("lets exactly one of many writers at once succeed", async () => {
    const path = inFolder("race");
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => createFileKey(path)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "SECRET_KEY_EXISTS" });
    expect(await fileKey(path).load(REQUEST)).toMatchObject({ kind: "raw" });
  });

  test("leaves no file behind when the disk is full", async () => {
    const full = new FilestoreError("FILE_NO_SPACE", "no space", { path: inFolder("full") });
    vi.spyOn(AppendFile.prototype, "sync").mockRejectedValueOnce(full);
    await expect(createFileKey(inFolder("full"))).rejects.toMatchObject({
      code: "SECRET_UNAVAILABLE",
      retryable: true,
      cause: full,
    });
    expect(existsSync(inFolder("full"))).toBe(false);
  });

  test.each([
    ["FILE_READ_ONLY", "SECRET_READ_ONLY"],
    ["FILE_ACCESS_DENIED", "SECRET_ACCESS_DENIED"],
    ["FILE_DIRECTORY_NOT_PRIVATE", "SECRET_FILE_NOT_PRIVATE"],
    ["FILE_SYNC_FAILED", "SECRET_UNAVAILABLE"],
  ] as const)("says in our words what the file store refuses: %s", async (theirs, code) => {
    const refusal = new FilestoreError(theirs, "refused", { path: inFolder("refused") });
    vi.spyOn(AppendFile, "create").mockRejectedValueOnce(refusal);
    await expect(createFileKey(inFolder("refused"))).rejects.toMatchObject({ code, cause: refusal });
  });

  test("says that the folder is missing, and does not make one", async () => {
    await expect(createFileKey(inFolder("no", "folder"))).rejects.toMatchObject({
      code: "SECRET_UNAVAILABLE",
      retryable: false,
    });
    expect(readdirSync(inFolder("."))).not.toContain("no");
  });
});

describe("symbiontKeyFile", () => {
  const inFolder = temporaryFolder();

  test("trims what Symbiont trims, and nothing else", async () => {
    const path = inFolder("master.key");
    for (const [content, passphrase] of [
      [`\n\t ${WORDS} \u00a0\u0085\u2003\r\n`, WORDS],
      [`\uFEFF${WORDS}`, `\uFEFF${WORDS}`],
      [`${encodeBase64(KEY)}\n`, encodeBase64(KEY)],
    ] as const) {
      writeFileSync(path, content, { mode: 0o600 });
      expect(await symbiontKeyFile({ path }).load(REQUEST)).toEqual({ kind: "passphrase", passphrase });
    }
    expect(await symbiontKeyFile({ path, kind: "raw" }).load(REQUEST)).toEqual({ kind: "raw", key: KEY });
  });

  test("takes an empty file for no key, as Symbiont does", async () => {
    writeFileSync(inFolder("empty"), " \n\n");
    chmodSync(inFolder("empty"), 0o600);
    expect(await symbiontKeyFile({ path: inFolder("empty") }).load(REQUEST)).toBeUndefined();
  });

  test("looks where Symbiont looks, in its order", async () => {
    for (const name of ["one", "two", "three"])
      writeFileSync(inFolder(name), `the passphrase number ${name}`, { mode: 0o600 });
    mkdirSync(inFolder("state", "symbiont"), { recursive: true, mode: 0o700 });
    mkdirSync(inFolder("home", ".symbi"), { recursive: true, mode: 0o700 });
    writeFileSync(inFolder("state", "symbiont", "master.key"), "the passphrase of the state folder", {
      mode: 0o600,
    });
    writeFileSync(inFolder("home", ".symbi", "master.key"), "the passphrase of the home folder", {
      mode: 0o600,
    });
    const provider = symbiontKeyFile();
    const found = async (): Promise<unknown> => (await provider.load(REQUEST)) ?? "no key";

    vi.stubEnv("SYMBIONT_MASTER_KEY_FILE", inFolder("one"));
    vi.stubEnv("XDG_STATE_HOME", inFolder("state"));
    vi.stubEnv("HOME", inFolder("home"));
    expect(await found()).toMatchObject({ passphrase: "the passphrase number one" });
    vi.stubEnv("SYMBIONT_MASTER_KEY_FILE", "");
    expect(await found()).toMatchObject({ passphrase: "the passphrase of the state folder" });
    vi.stubEnv("XDG_STATE_HOME", undefined);
    expect(await found()).toMatchObject({ passphrase: "the passphrase of the home folder" });
    vi.stubEnv("HOME", undefined);
    expect(await found()).toBe("no key");
  });
});

describe("systemdKey", () => {
  const inFolder = temporaryFolder();

  test("reads a credential of the service, and has none outside of a service", async () => {
    writeFileSync(inFolder("store-key"), encodeBase64(KEY), { mode: 0o400 });
    const provider = systemdKey("store-key");
    expect(provider.id).toBe("systemd:store-key");
    vi.stubEnv("CREDENTIALS_DIRECTORY", undefined);
    expect(await provider.load(REQUEST)).toBeUndefined();
    vi.stubEnv("CREDENTIALS_DIRECTORY", inFolder("."));
    expect(await provider.load(REQUEST)).toEqual({ kind: "raw", key: KEY });
    expect(await systemdKey("another").load(REQUEST)).toBeUndefined();
  });

  test("takes the mode of a credential that an access list opens to the service", async () => {
    writeFileSync(inFolder("acl"), encodeBase64(KEY));
    chmodSync(inFolder("acl"), 0o440);
    vi.stubEnv("CREDENTIALS_DIRECTORY", inFolder("."));
    expect(await systemdKey("acl").load(REQUEST)).toMatchObject({ kind: "raw" });
  });

  test("does not leave its folder", () => {
    for (const name of ["", ".", "..", "a/b", "../store-key", "a\0b"])
      expect(() => systemdKey(name)).toThrow("name");
  });
});
