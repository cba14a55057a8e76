import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashRaw } from "@node-rs/argon2";
import { type LogKeys, passphraseKeys, type StretchPassphrase, verifyModelLog } from "@symbiont/model-log";
import { describe, expect, test } from "vitest";
import {
  call,
  everything,
  openLog,
  readAll,
  refusal,
  segments,
  withFolder,
  wrappedKeys,
} from "./fixtures.ts";

const argon2id: StretchPassphrase = async (passphrase, { salt, memoryKiB, passes }) =>
  hashRaw(passphrase, { salt, memoryCost: memoryKiB, timeCost: passes, parallelism: 1, outputLen: 32 });
const handle = (text: string) => ({
  use: async <T>(use: (bytes: Uint8Array) => T | Promise<T>) => use(new TextEncoder().encode(text)),
});

function keysOf(text = "correct horse battery", stretch: StretchPassphrase = argon2id): LogKeys {
  return passphraseKeys({ passphrase: handle(text), argon2id: stretch, memoryKiB: 8_192, passes: 1 });
}

describe("a passphrase", () => {
  test("is stretched once, however many records and segments there are", async () => {
    await withFolder(async (folder) => {
      let stretched = 0;
      const counting: StretchPassphrase = async (...all) => {
        stretched += 1;
        return argon2id(...all);
      };
      const log = openLog(folder, { keys: keysOf(undefined, counting), maxSegmentBytes: 600 });
      for (let index = 0; index < 6; index += 1)
        await log.complete({ ...call, outcome: "ok" }, { request: index });
      await log.close();
      expect(segments(folder).length).toBeGreaterThan(2);
      expect(stretched).toBe(1);
      const records = await readAll(folder, keysOf(undefined, counting));
      expect(records.map(({ body }) => (body as { request: number }).request)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(stretched).toBe(2);
    });
  });

  test("that is another one, or a key of another kind, opens nothing", async () => {
    await withFolder(async (folder) => {
      const log = openLog(folder, { keys: keysOf() });
      await log.complete({ ...call, outcome: "ok" }, { request: "x" });
      await log.close();
      const wrong = refusal("MODEL_LOG_WRONG_KEY");
      await expect(readAll(folder, keysOf("another passphrase"))).rejects.toThrow(wrong);
      await expect(readAll(folder, wrappedKeys())).rejects.toThrow(wrong);
    });
    await withFolder(async (folder) => {
      const log = openLog(folder);
      await log.complete({ ...call, outcome: "ok" }, { request: "x" });
      await log.close();
      await expect(readAll(folder, keysOf())).rejects.toThrow(refusal("MODEL_LOG_WRONG_KEY"));
    });
  });

  test.each([
    ["more memory than there is", { m: 1 << 30 }],
    ["passes without end", { t: 1e9 }],
    ["another algorithm", { alg: "none" }],
    ["a salt of another length", { salt: "AA" }],
    ["lanes", { p: 4 }],
  ])("is not stretched with %s, whatever the file asks for", async (_, change) => {
    await withFolder(async (folder) => {
      const log = openLog(folder, { keys: keysOf() });
      await log.complete({ ...call, outcome: "ok" }, { request: "x" });
      await log.close();
      const [name = ""] = segments(folder);
      const [header = "", ...rest] = readFileSync(join(folder, name), "utf8").split("\n");
      const parsed = JSON.parse(header) as { key: { kdf: object } };
      parsed.key.kdf = { ...parsed.key.kdf, ...change };
      writeFileSync(join(folder, name), [JSON.stringify(parsed), ...rest].join("\n"));
      let stretched = 0;
      const counting: StretchPassphrase = async (...all) => {
        stretched += 1;
        return argon2id(...all);
      };
      const [report] = await verifyModelLog(folder, { keys: keysOf(undefined, counting) });
      expect(report?.fault?.code).toBe("MODEL_LOG_FORMAT_INVALID");
      expect(stretched).toBe(0);
    });
  });

  test("that is too short, or cannot be had, keeps calls from being made", async () => {
    await withFolder(async (folder) => {
      for (const keys of [
        keysOf("short"),
        keysOf(undefined, async () => Promise.reject(new Error("down"))),
        keysOf(undefined, async () => Promise.resolve(new Uint8Array(16))),
      ]) {
        const log = openLog(folder, { keys });
        await expect(log.request(call, "x")).rejects.toThrow(refusal("MODEL_LOG_UNAVAILABLE"));
        await log.close();
      }
      expect(everything(folder)).toBe("");
    });
  });

  test.each([{ memoryKiB: 100 }, { memoryKiB: 1 << 20 }, { passes: 0 }, { passes: 11 }])(
    "%j is refused",
    (more) => {
      expect(() => passphraseKeys({ passphrase: handle("x"), argon2id, ...more })).toThrow(RangeError);
    },
  );
});
