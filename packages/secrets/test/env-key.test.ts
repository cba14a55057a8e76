import { execFileSync } from "node:child_process";
import { encodeBase64, encodeBase64Url, encodeHex } from "@symbiont/kit";
import type { KeyMaterial } from "@symbiont/secrets";
import { envKey } from "@symbiont/secrets/key-providers/env";
import { afterEach, describe, expect, test, vi } from "vitest";

const REQUEST = { storeId: "00112233445566778899aabbccddeeff" };
const KEY = Uint8Array.from({ length: 32 }, (_, index) => 250 - index);

afterEach(() => {
  delete process.env["TEST_KEY"];
});

function load(value: string, options?: Parameters<typeof envKey>[1]): Promise<KeyMaterial | undefined> {
  process.env["TEST_KEY"] = value;
  return envKey("TEST_KEY", options).load(REQUEST);
}

describe("what the variable holds", () => {
  test.each([
    ["base64", encodeBase64(KEY)],
    ["base64url", encodeBase64Url(KEY)],
    ["lower-case hexadecimal", encodeHex(KEY)],
    ["upper-case hexadecimal", encodeHex(KEY).toUpperCase()],
  ])("is a raw key when it is 32 bytes in %s", async (_, text) => {
    expect(await load(text)).toEqual({ kind: "raw", key: KEY });
    expect(await load(text, { kind: "raw" })).toEqual({ kind: "raw", key: KEY });
    expect(await load(text, { kind: "passphrase" })).toEqual({ kind: "passphrase", passphrase: text });
  });

  test.each([
    ["base64 of 31 bytes", encodeBase64(KEY.subarray(1))],
    ["base64 of 33 bytes", encodeBase64(Uint8Array.of(...KEY, 1))],
    ["base64 without its padding", encodeBase64(Uint8Array.from(KEY).fill(255, 0, 9)).replace("=", "")],
    ["base64url with padding", `${encodeBase64Url(Uint8Array.from(KEY).fill(255, 0, 9))}=`],
    ["base64 with a newline behind it", `${encodeBase64(KEY)}\n`],
    ["base64 with stray bits", `${encodeBase64(KEY).slice(0, -2)}/=`],
    ["hexadecimal in mixed case", `AB${"ab".repeat(31)}`],
    ["hexadecimal with a prefix", `0x${encodeHex(KEY)}`],
    ["words", "correct horse battery staple"],
  ])("is a passphrase when it is %s, and refused where a raw key is asked for", async (_, text) => {
    expect(await load(text)).toEqual({ kind: "passphrase", passphrase: text });
    await expect(load(text, { kind: "raw" })).rejects.toMatchObject({ code: "SECRET_KEY_INVALID" });
  });

  test("is handed out as it is: the store normalises, not the provider", async () => {
    expect(await load(" decomposed e\u0301 ")).toEqual({
      kind: "passphrase",
      passphrase: " decomposed e\u0301 ",
    });
  });

  test.each([
    ["nothing", ""],
    ["eleven characters", "x".repeat(11)],
    ["eleven characters in twenty-two code units", "🔑".repeat(11)],
    ["eleven characters with combining marks", "e\u0301".repeat(11)],
    ["a replacement character, for a byte that was not UTF-8", "correct horse \uFFFD staple"],
    ["a key of zeros", encodeBase64(new Uint8Array(32))],
    ["a key of one byte repeated", "ab".repeat(32)],
  ])("is refused when it is %s", async (_, text) => {
    await expect(load(text)).rejects.toMatchObject({ code: "SECRET_KEY_INVALID", retryable: false });
  });

  test("may be shorter when that is said", async () => {
    expect(await load("symbi", { minPassphraseLength: 5 })).toEqual({
      kind: "passphrase",
      passphrase: "symbi",
    });
    await expect(load("symb", { minPassphraseLength: 5 })).rejects.toMatchObject({
      code: "SECRET_KEY_INVALID",
    });
  });
});

describe("a weak passphrase", () => {
  test("is reported with the id of its provider when it has fewer than twenty characters", async () => {
    const onWeakPassphrase = vi.fn<(id: string) => void>();
    await load("x".repeat(20), { onWeakPassphrase });
    await load(encodeBase64(KEY), { onWeakPassphrase });
    expect(onWeakPassphrase.mock.calls).toEqual([]);
    await load("x".repeat(19), { onWeakPassphrase });
    expect(onWeakPassphrase.mock.calls).toEqual([["env:TEST_KEY"]]);
  });

  test("is refused by a host whose hook throws", async () => {
    const onWeakPassphrase = (): never => {
      throw new RangeError("not in production");
    };
    await expect(load("x".repeat(19), { onWeakPassphrase })).rejects.toThrow("not in production");
  });
});

describe("unset", () => {
  test("takes the variable away from this process and its children, and still loads the key again", async () => {
    process.env["TEST_KEY"] = encodeBase64(KEY);
    const provider = envKey("TEST_KEY", { unset: true });
    expect(process.env["TEST_KEY"]).toBe(encodeBase64(KEY));
    expect(await provider.load(REQUEST)).toEqual({ kind: "raw", key: KEY });
    expect(process.env["TEST_KEY"]).toBeUndefined();
    const child = execFileSync(process.execPath, ["-p", "process.env.TEST_KEY"], { encoding: "utf8" });
    expect(child.trim()).toBe("undefined");
    expect(await provider.load(REQUEST)).toEqual({ kind: "raw", key: KEY });
  });

  test("takes a variable that was set again as the new key", async () => {
    process.env["TEST_KEY"] = "the first of two keys";
    const provider = envKey("TEST_KEY", { unset: true });
    await provider.load(REQUEST);
    process.env["TEST_KEY"] = "the second of two keys";
    expect(await provider.load(REQUEST)).toMatchObject({ passphrase: "the second of two keys" });
    expect(process.env["TEST_KEY"]).toBeUndefined();
  });

  test.skipIf(process.platform !== "linux")(
    "leaves the copy of the system, as documented (skipped elsewhere: only Linux shows it)",
    async () => {
      const script = `delete process.env.TEST_KEY;
        console.log(require("node:fs").readFileSync("/proc/self/environ", "latin1").includes("canary"))`;
      const env = { ...process.env, TEST_KEY: "canary" };
      expect(execFileSync(process.execPath, ["-e", script], { encoding: "utf8", env }).trim()).toBe("true");
    },
  );
});

test("the variable is read when the key is loaded, not before", async () => {
  const provider = envKey("TEST_KEY");
  expect(provider.id).toBe("env:TEST_KEY");
  expect(await provider.load(REQUEST)).toBeUndefined();
  process.env["TEST_KEY"] = "correct horse battery staple";
  expect(await provider.load(REQUEST)).toMatchObject({ kind: "passphrase" });
});

test("wrong arguments are named", () => {
  const wrong = (...args: readonly unknown[]): unknown =>
    (envKey as (...args: unknown[]) => unknown)(...args);
  for (const name of ["", "A=B", "A\0", 7, undefined]) expect(() => wrong(name)).toThrow(TypeError);
  expect(() => wrong("A", { kind: "hex" })).toThrow("kind");
  expect(() => wrong("A", { unset: "yes" })).toThrow("unset");
  expect(() => wrong("A", { minPassphraseLength: 0 })).toThrow("minPassphraseLength");
  expect(() => wrong("A", { onWeakPassphrase: "log" })).toThrow("onWeakPassphrase");
});

test("the variable of an environment that was given counts, not that of the process", async () => {
  process.env["TEST_KEY"] = "the passphrase of the process";
  const environment: Record<string, string> = { TEST_KEY: "the passphrase that was given" };
  const provider = envKey("TEST_KEY", { environment });
  expect(await provider.load(REQUEST)).toEqual({ kind: "passphrase", passphrase: environment["TEST_KEY"] });
  delete environment["TEST_KEY"];
  expect(await provider.load(REQUEST)).toBeUndefined();
  expect(() => envKey("TEST_KEY", { environment, unset: true })).toThrow(TypeError);
});
