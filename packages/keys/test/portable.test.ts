import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const getBuiltinModule = process.getBuiltinModule;

describe("without the runtime's crypto", () => {
  afterEach(() => {
    process.getBuiltinModule = getBuiltinModule;
    vi.resetModules();
  });

  test("the noble engine takes over when getBuiltinModule is hidden", async () => {
    Object.assign(process, { getBuiltinModule: undefined });
    vi.resetModules();
    const keys = await import("@symbiont/keys");
    expect(keys.availableEngines()).toEqual(["noble"]);
    for (const algorithm of ["ES256", "Ed25519"] as const) {
      const { privateKey, publicKey } = keys.generateKeyPair(algorithm);
      const signature = keys.sign(privateKey, "text");
      expect(keys.verify(publicKey, signature, "text")).toBe(true);
      expect(keys.verify(publicKey, signature, "texT")).toBe(false);
      expect(() => keys.sign(privateKey, "text", { engine: "runtime" })).toThrow(
        expect.objectContaining({ code: "KEY_ENGINE_UNAVAILABLE" }),
      );
      expect(() => keys.verify(publicKey, signature, "text", { engine: "runtime" })).toThrow(
        expect.objectContaining({ code: "KEY_ENGINE_UNAVAILABLE" }),
      );
    }
    expect(keys.sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(keys.sha256("abc")).toHaveLength(32);
    expect(keys.hmacSha256(new keys.HmacKey(Uint8Array.of(1)), "abc")).toEqual(
      keys.hmacSha256(Uint8Array.of(1), "abc"),
    );
  });

  test("a runtime that only imitates a part of it is not used", async () => {
    Object.assign(process, { getBuiltinModule: () => ({ createHash: () => undefined }) });
    vi.resetModules();
    const keys = await import("@symbiont/keys");
    expect(keys.availableEngines()).toEqual(["noble"]);
  });

  test("one without crypto.hash hashes all the same", async () => {
    const { hash: _, ...rest } = getBuiltinModule("node:crypto");
    Object.assign(process, { getBuiltinModule: () => rest });
    vi.resetModules();
    const keys = await import("@symbiont/keys");
    expect(keys.availableEngines()).toEqual(["runtime", "noble"]);
    expect(keys.sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  test("an engine that fails is an error when signing and a refusal when verifying", async () => {
    const broken = (): never => {
      throw new Error("disabled for fips");
    };
    const crypto = { ...getBuiltinModule("node:crypto"), sign: broken, verify: broken };
    Object.assign(process, { getBuiltinModule: () => crypto });
    vi.resetModules();
    const keys = await import("@symbiont/keys");
    const { privateKey, publicKey } = keys.generateKeyPair("Ed25519");
    const signature = keys.sign(privateKey, "text", { engine: "noble" });
    expect(() => keys.sign(privateKey, "text")).toThrow(
      expect.objectContaining({ code: "KEY_ENGINE_FAILED" }),
    );
    expect(keys.verify(publicKey, signature, "text")).toBe(false);
    expect(await keys.verifyMany([{ key: publicKey, signature, data: "text" }])).toEqual([false]);
  });

  test("a missing random source stops key generation", async () => {
    vi.stubGlobal("crypto", {});
    const keys = await import("@symbiont/keys");
    expect(() => keys.generateKeyPair("ES256")).toThrow(
      expect.objectContaining({ code: "KEY_ENGINE_FAILED" }),
    );
    vi.unstubAllGlobals();
  });
});

test("every vector passes where every node: import is refused and process and Buffer are gone", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@symbiont/source",
    `--import=${new URL("../../../scripts/ts.mjs", import.meta.url).href}`,
    `--import=${new URL("./fixtures/refuse-node.mjs", import.meta.url).href}`,
    path("./fixtures/portable.ts"),
  ]);
  const outcome = JSON.parse(stdout) as {
    passed: number;
    failed: string[];
    engines: string[];
    refusal: string;
  };
  expect(outcome.failed).toEqual([]);
  expect(outcome.engines).toEqual(["noble"]);
  expect(outcome.refusal).toBe("KEY_ENGINE_UNAVAILABLE");
  expect(outcome.passed).toBeGreaterThan(300);
}, 60_000);
